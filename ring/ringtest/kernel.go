// Package ringtest is a kernel that does what a test says: it takes the SQEs a
// ring.Ring submits, keeps them in flight, and completes them in the order, with the
// results and at the time the test wants. Nothing sleeps: waiting moves the clock.
//
// By default CLOSE succeeds at once, ASYNC_CANCEL ends what it names with ECANCELED,
// and everything else stays in flight until the test completes it. Handle changes that per opcode.
//
// A Kernel belongs to the goroutine of its ring.
package ringtest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"

	sys "github.com/iceber/iouring-go/syscall"

	"moonring/ring"
)

// Kernel implements ring.Kernel.
type Kernel struct {
	Clock    int64        // what Now returns, nanoseconds
	Wall     int64        // what WallNow returns
	Enters   int          // calls of Enter and Submit
	Closed   []int        // descriptors closed, in order
	Ready    map[int]bool // what Readable answers
	TakeMost int          // at most this many SQEs are taken per submission; 0: all
	MapFails bool         // Map returns ENOMEM

	// OnWait is called when Enter has to wait and no completion is there: the moment to
	// provide one. If it doesn't, several times in a row, the clock moves to the timeout.
	OnWait func()

	t        testing.TB
	q        ring.Queues
	words    [6]uint32
	flight   []ring.SQE
	handlers map[uint8]func(s *ring.SQE)
	overflow []ring.CQE
	errnos   []syscall.Errno
	bufs     []ring.BufEntry
	bufHead  uint16
	bufMem   []byte
	mapped   [][]byte
}

const waitTries = 100

var _ ring.Kernel = (*Kernel)(nil)

// New makes a kernel that fails t when the ring misbehaves.
func New(t testing.TB) *Kernel {
	k := &Kernel{t: t, Clock: 1e9, Wall: 1.7e18}
	k.handlers = map[uint8]func(*ring.SQE){
		sys.IORING_OP_CLOSE: func(s *ring.SQE) {
			k.Closed = append(k.Closed, int(s.Fd))
			k.Complete(s.UserData, 0, 0)
		},
		sys.IORING_OP_ASYNC_CANCEL: func(s *ring.SQE) { k.Cancel(s) },
	}
	return k
}

// Handle has f called for each submitted SQE with that opcode, instead of keeping it in flight.
func (k *Kernel) Handle(opcode uint8, f func(s *ring.SQE)) { k.handlers[opcode] = f }

// Keep keeps an SQE in flight, as is done for opcodes without a handler.
func (k *Kernel) Keep(s *ring.SQE) { k.flight = append(k.flight, *s) }

// Cancel does what ASYNC_CANCEL does at best: ends the target with ECANCELED, or fails with ENOENT.
func (k *Kernel) Cancel(s *ring.SQE) {
	if _, ok := k.Drop(s.Addr); ok {
		k.Complete(s.Addr, -int32(syscall.ECANCELED), 0)
		if s.Flags&ring.IOSQE_CQE_SKIP_SUCCESS == 0 {
			k.Complete(s.UserData, 0, 0)
		}
		return
	}
	k.Complete(s.UserData, -int32(syscall.ENOENT), 0)
}

// InFlight lists what is in flight, in the order of submission; with opcodes, only those.
func (k *Kernel) InFlight(opcodes ...uint8) []ring.SQE {
	var out []ring.SQE
	for _, s := range k.flight {
		if len(opcodes) == 0 || slices.Contains(opcodes, s.Opcode) {
			out = append(out, s)
		}
	}
	return out
}

// One returns the only operation of that opcode in flight (READ of the wake-up eventfd aside), or fails the test.
func (k *Kernel) One(opcode uint8) ring.SQE {
	k.t.Helper()
	all := k.InFlight(opcode)
	if len(all) != 1 {
		k.t.Fatalf("%d operations with opcode %d are in flight, not one: %+v", len(all), opcode, all)
	}
	return all[0]
}

// Drop takes an operation out of flight without completing it.
func (k *Kernel) Drop(userData uint64) (ring.SQE, bool) {
	for i, s := range k.flight {
		if s.UserData == userData {
			k.flight = slices.Delete(k.flight, i, i+1)
			return s, true
		}
	}
	return ring.SQE{}, false
}

// Finish completes an operation in flight for good.
func (k *Kernel) Finish(s ring.SQE, res int32) {
	k.t.Helper()
	if _, ok := k.Drop(s.UserData); !ok {
		k.t.Fatalf("operation %x is not in flight", s.UserData)
	}
	k.Complete(s.UserData, res, 0)
}

// Complete posts a completion. If the CQ is full it goes to the overflow list, as in Linux,
// until the ring enters again.
func (k *Kernel) Complete(userData uint64, res int32, flags uint32) {
	e := ring.CQE{UserData: userData, Res: res, Flags: flags}
	if len(k.overflow) > 0 || !k.post(e) {
		k.overflow = append(k.overflow, e)
		atomic.StoreUint32(k.q.SQFlags, sys.IORING_SQ_CQ_OVERFLOW)
	}
}

func (k *Kernel) post(e ring.CQE) bool {
	tail := *k.q.CQTail
	if tail-atomic.LoadUint32(k.q.CQHead) == uint32(len(k.q.CQEs)) {
		return false
	}
	k.q.CQEs[tail&uint32(len(k.q.CQEs)-1)] = e
	atomic.StoreUint32(k.q.CQTail, tail+1)
	return true
}

// Receive completes a multishot recv with data, which must fit a provided buffer; more says that it
// goes on. Without a free buffer it ends the recv with ENOBUFS, and returns false.
func (k *Kernel) Receive(s ring.SQE, data []byte, more bool) bool {
	k.t.Helper()
	if s.Opcode != sys.IORING_OP_RECV {
		k.t.Fatalf("Receive on opcode %d", s.Opcode)
	}
	flags := ring.IORING_CQE_F_MORE
	if k.FreeBuffers() == 0 {
		k.Finish(s, -int32(syscall.ENOBUFS))
		return false
	}
	if !more {
		flags = 0
		k.Drop(s.UserData)
	}
	e := k.bufs[int(k.bufHead)&(len(k.bufs)-1)]
	k.bufHead++
	if len(data) > int(e.Len) {
		k.t.Fatalf("%d bytes don't fit a buffer of %d", len(data), e.Len)
	}
	copy(Bytes(e.Addr, uint64(len(data))), data)
	k.Complete(s.UserData, int32(len(data)), flags|ring.IORING_CQE_F_BUFFER|uint32(e.BID)<<ring.IORING_CQE_BUFFER_SHIFT)
	return true
}

// FreeBuffers is the number of provided buffers that the kernel can still fill.
func (k *Kernel) FreeBuffers() int {
	tail := atomic.LoadUint32(bufTail(k.bufs)) >> 16
	return int(uint16(tail) - k.bufHead)
}

// Fail has the next calls of Enter or Submit fail with these, before taking anything.
func (k *Kernel) Fail(errnos ...syscall.Errno) { k.errnos = append(k.errnos, errnos...) }

// Setup implements ring.Kernel.
func (k *Kernel) Setup(sq, cq uint32) (*ring.Queues, error) {
	w := &k.words
	k.q = ring.Queues{
		SQHead: &w[0], SQTail: &w[1], SQFlags: &w[2], SQEs: make([]ring.SQE, sq),
		CQHead: &w[3], CQTail: &w[4], CQOverflow: &w[5], CQEs: make([]ring.CQE, cq),
	}
	return &k.q, nil
}

// RegisterBuffers implements ring.Kernel.
func (k *Kernel) RegisterBuffers(entries []ring.BufEntry, mem []byte) error {
	k.bufs, k.bufMem = entries, mem
	return nil
}

func (k *Kernel) submit(n uint32) (int, syscall.Errno) {
	k.Enters++
	if len(k.errnos) > 0 {
		e := k.errnos[0]
		k.errnos = k.errnos[1:]
		return 0, e
	}
	if have := atomic.LoadUint32(k.q.SQTail) - *k.q.SQHead; n > have {
		k.t.Fatalf("%d SQEs to submit, but %d in the SQ", n, have)
	}
	if k.TakeMost > 0 {
		n = min(n, uint32(k.TakeMost))
	}
	for range n {
		s := k.q.SQEs[*k.q.SQHead&uint32(len(k.q.SQEs)-1)]
		atomic.AddUint32(k.q.SQHead, 1)
		if h := k.handlers[s.Opcode]; h != nil {
			h(&s)
		} else {
			k.Keep(&s)
		}
	}
	return int(n), 0
}

// Submit implements ring.Kernel.
func (k *Kernel) Submit(n uint32) (int, syscall.Errno) { return k.submit(n) }

// Enter implements ring.Kernel.
func (k *Kernel) Enter(n, wait uint32, timeout int64, block bool) (int, syscall.Errno) {
	got, errno := k.submit(n)
	if errno != 0 {
		return got, errno
	}
	for len(k.overflow) > 0 && k.post(k.overflow[0]) {
		k.overflow = k.overflow[1:]
	}
	if len(k.overflow) == 0 {
		atomic.StoreUint32(k.q.SQFlags, 0)
	}
	if wait == 0 || got < int(n) {
		return got, 0
	}
	for try := 0; !k.ready() && k.OnWait != nil && try < waitTries; try++ {
		k.OnWait()
	}
	if k.ready() {
		return got, 0
	}
	if timeout < 0 {
		if block {
			k.t.Fatalf("the ring waits for ever; in flight: %+v", k.flight)
		}
		timeout = 0
	}
	k.Clock += timeout
	if got > 0 {
		return got, 0
	}
	return 0, syscall.ETIME
}

func (k *Kernel) ready() bool { return *k.q.CQTail != atomic.LoadUint32(k.q.CQHead) }

// Map implements ring.Kernel.
func (k *Kernel) Map(n int) ([]byte, error) {
	if k.MapFails {
		return nil, syscall.ENOMEM
	}
	b := make([]byte, n)
	k.mapped = append(k.mapped, b)
	return b, nil
}

// Unmap implements ring.Kernel.
func (k *Kernel) Unmap(b []byte) {
	for i, m := range k.mapped {
		if &m[0] == &b[0] && len(m) == len(b) {
			k.mapped = slices.Delete(k.mapped, i, i+1)
			return
		}
	}
	panic(fmt.Sprintf("Unmap of %d bytes that were not mapped", len(b)))
}

// Discard implements ring.Kernel.
func (k *Kernel) Discard(b []byte) { clear(b) }

// Now implements ring.Kernel.
func (k *Kernel) Now() int64 { return k.Clock }

// WallNow implements ring.Kernel.
func (k *Kernel) WallNow() int64 { return k.Wall }

// CloseFD implements ring.Kernel.
func (k *Kernel) CloseFD(fd int) { k.Closed = append(k.Closed, fd) }

// Readable implements ring.Kernel.
func (k *Kernel) Readable(fd int) bool { return k.Ready[fd] }

// Close implements ring.Kernel.
func (k *Kernel) Close() error { return nil }
