package ring

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"

	sys "github.com/iceber/iouring-go/syscall"
)

// Waiting in a raw system call costs nothing beyond the call, but Go's scheduler takes it for
// running code: nobody else can use this processor (P) meanwhile. A blocking call frees the P, at a
// price that is not in the call: when the scheduler's monitor thread has retaken a P, it looks around every
// 20 us for at least a millisecond, 0.1 to 0.15 ms of CPU time each. So a wait begins raw, and
// becomes a blocking one only when it has lasted so long that this price is small against it.
// (The collector needs no P: it stops a raw wait by a signal, and Run returns.)
//
// With GOMAXPROCS = 1 other goroutines depend on our P, and the bound is short for their sake.
// Workers better have 2, though pinned to one processor.
const (
	rawWaitNs       = 10_000_000
	rawWaitSingleNs = 50_000
)

func rawWait() int64 {
	if runtime.GOMAXPROCS(0) == 1 {
		return rawWaitSingleNs
	}
	return rawWaitNs
}

// enter publishes the SQEs, and waits up to timeout nanoseconds (0: not, negative: without
// bound) until there is a completion.
func (r *Ring) enter(timeout int64) error {
	if timeout == 0 {
		return r.enterOnce(0, 0, false)
	}
	if !r.waitLong {
		raw := r.rawWait
		if timeout > 0 && timeout < raw {
			raw = timeout
		}
		if err := r.enterOnce(1, raw, false); err != nil || r.ready() || raw == timeout {
			return err
		}
		if timeout > 0 {
			timeout -= raw
		}
		r.waitLong = true
	}
	start := r.k.Now()
	if err := r.enterOnce(1, timeout, true); err != nil {
		return err
	}
	r.waitLong = r.k.Now()-start > r.rawWait
	return nil
}

// ready tells if completions wait to be reaped.
func (r *Ring) ready() bool {
	return atomic.LoadUint32(r.q.CQTail) != *r.q.CQHead || atomic.LoadUint32(r.q.SQFlags)&sys.IORING_SQ_CQ_OVERFLOW != 0
}

func (r *Ring) enterOnce(wait uint32, timeout int64, block bool) error {
	n := r.publishSQ()
	r.stats.Enters++
	if block {
		r.stats.Blocked++
	}
	_, errno := r.k.Enter(n, wait, timeout, block)
	switch errno {
	case 0, syscall.ETIME, syscall.EINTR, syscall.EAGAIN, syscall.EBUSY:
		// ETIME: the time is over. EINTR: a signal, Run's caller comes again. EAGAIN, EBUSY: the kernel lacks
		// memory or wants the CQ emptied first: what it took is told by the SQ's head, the rest
		// stays for the next enter.
		return nil
	case syscall.EBADR:
		return fmt.Errorf("io_uring_enter: the kernel lost %d completions for lack of memory", atomic.LoadUint32(r.q.CQOverflow))
	}
	return fmt.Errorf("io_uring_enter: %w", errno)
}

// publishSQ makes the SQEs written so far visible and returns how many the kernel hasn't taken.
func (r *Ring) publishSQ() uint32 {
	if *r.q.SQTail != r.sqTail {
		atomic.StoreUint32(r.q.SQTail, r.sqTail)
	}
	r.sqHead = atomic.LoadUint32(r.q.SQHead)
	return r.sqTail - r.sqHead
}

// sqe returns the next free SQE, all of which the caller writes, and its index for
// messages. If the SQ is full, it is submitted first.
func (r *Ring) sqe() (*SQE, uint32) {
	if r.sqTail-r.sqHead > r.sqMask {
		if !r.submitFull() {
			return &r.dead, 0
		}
	}
	i := r.sqTail & r.sqMask
	r.sqTail++
	return &r.q.SQEs[i], i
}

// submitFull makes room in a full SQ. It fails, and so does the next Run, if the kernel takes nothing.
func (r *Ring) submitFull() bool {
	for try := 0; ; try++ {
		n := r.publishSQ()
		if n <= r.sqMask {
			return true
		}
		if r.fatal != nil {
			return false
		}
		r.stats.Enters++
		_, errno := r.k.Submit(n)
		switch {
		case errno == 0 || errno == syscall.EINTR:
		case (errno == syscall.EAGAIN || errno == syscall.EBUSY) && try < 1000:
		default:
			r.fatal = fmt.Errorf("io_uring_enter: submit: %w", errno)
			return false
		}
		if try >= 1000 {
			r.fatal = fmt.Errorf("io_uring_enter: the kernel takes no submissions")
			return false
		}
	}
}
