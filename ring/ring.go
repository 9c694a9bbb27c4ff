package ring

import (
	"errors"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrClosed is returned by operations on a closed ring.
var ErrClosed = errors.New("ring is closed")

// ErrTooMany is returned when a table of the ring is full.
var ErrTooMany = errors.New("ring: too many connections, listeners or reads")

// Config sizes a ring. Zero fields take the defaults named.
type Config struct {
	Entries        uint32        // SQ entries, a power of two; 1024
	CQEntries      uint32        // CQ entries, a power of two; 8 * Entries
	Buffers        int           // provided buffers, a power of two up to 32768; 512
	BufferSize     int           // bytes of one provided buffer; 4096
	BuffersPerConn int           // a connection holds at most this many times BufferSize unconsumed bytes, then its recv is cancelled; 8
	MaxConns       int           // live connections at which accepting pauses; 16384
	AcceptPause    time.Duration // pause after EMFILE and the like on accept; 100 ms

	Kernel Kernel // what to run on; nil: Linux
}

func (c *Config) fill() error {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	if c.Entries == 0 {
		c.Entries = 1024
	}
	if c.CQEntries == 0 {
		c.CQEntries = 8 * c.Entries
	}
	def(&c.Buffers, 512)
	def(&c.BufferSize, 4096)
	def(&c.BuffersPerConn, 8)
	def(&c.MaxConns, 16384)
	if c.AcceptPause == 0 {
		c.AcceptPause = 100 * time.Millisecond
	}
	pow2 := func(n int) bool { return n > 0 && bits.OnesCount(uint(n)) == 1 }
	switch {
	case !pow2(int(c.Entries)) || !pow2(int(c.CQEntries)) || c.CQEntries < c.Entries:
		return fmt.Errorf("ring: %d SQ and %d CQ entries are not powers of two in that order", c.Entries, c.CQEntries)
	case !pow2(c.Buffers) || c.Buffers > 1<<15:
		return fmt.Errorf("ring: %d buffers are not a power of two up to 32768", c.Buffers)
	case c.BufferSize < 64 || c.BufferSize > 1<<20:
		return fmt.Errorf("ring: buffer size %d is not within 64 and 1048576", c.BufferSize)
	case c.Buffers*c.BufferSize > 1<<31:
		return fmt.Errorf("ring: %d buffers of %d bytes exceed 2 GiB", c.Buffers, c.BufferSize)
	case c.BuffersPerConn < 1 || c.BuffersPerConn*c.BufferSize > 1<<30:
		return fmt.Errorf("ring: %d buffers per connection are out of range", c.BuffersPerConn)
	case c.MaxConns < 1 || c.MaxConns > slotMax/2:
		return fmt.Errorf("ring: %d connections are not within 1 and %d", c.MaxConns, slotMax/2)
	}
	return nil
}

// Stats are counters since New, and what is live now.
type Stats struct {
	Conns        int    // live connections
	BuffersInUse int    // provided buffers with data
	PoolBytes    int    // output and pending-input memory in use
	Timers       int    // armed timers
	Iterations   uint64 // calls of Run
	Enters       uint64 // io_uring_enter calls
	Blocked      uint64 // of these, told to Go's scheduler
	Completions  uint64
	Accepts      uint64
	AcceptErrors uint64
	Recvs        uint64 // completions that brought data
	RecvBytes    uint64
	Sends        uint64
	SendBytes    uint64
	ShortSends   uint64 // sends that the kernel took only in part
	NoBuffers    uint64 // recvs ended by ENOBUFS
	RecvCancels  uint64 // recvs cancelled for back-pressure
	CQOverflows  uint64 // times that completions had to be flushed from the kernel's overflow list
	Stale        uint64 // completions of a slot's earlier life
	AcceptPauses uint64 // times that accepting paused because of MaxConns
}

// Ring is one io_uring with the connections, listeners and timers on it. See the
// package's documentation for who may call what.
type Ring struct {
	cfg Config
	k   Kernel
	q   *Queues

	// Submission: sqTail runs ahead of *q.SQTail until published.
	sqTail, sqHead uint32
	sqMask, cqMask uint32
	messages       []message // scratch of the SQE with the same index
	msgMem         []byte
	dead           SQE // takes SQEs after a fatal error

	now      int64           // of this iteration
	wallNow  int64           // 0: not asked for yet
	sockaddr sockaddrStorage // scratch
	rawWait  int64           // bound of a wait that Go's scheduler doesn't know of, nanoseconds
	waitLong bool            // the last wait was longer: block at once

	conns   connTable
	bufs    bufRing
	pool    pool
	segs    []segment // output segments of all connections; 0 is none
	segFree uint32

	runq      []*Conn // connections with something to tell
	accepted  []acceptEvent
	holding   []*Conn // connections whose input is to be settled at the iteration's end
	dirty     []*Conn // connections with something to submit
	waiters   []*Conn // connections whose recv ended for lack of buffers, oldest first
	listeners []*Listener
	armq      []*Listener
	paused    bool // listeners wait for live connections to fall below MaxConns
	reads     []*FileRead
	readFree  []uint32
	readGen   []uint32
	readDone  []*FileRead
	polls     []*Poll
	pollFree  []uint32
	pollGen   []uint32
	pollDone  []*Poll

	wheel wheel

	wakeFD    int
	wakeBuf   mem // 8 bytes
	wakeArmed bool
	woken     atomic.Bool
	postMu    sync.Mutex
	posts     []func()
	running   []func() // posts being run; the two swap

	scratch []byte // what Reserve returns on a connection that takes no more output
	fatal   error
	closed  bool
	nextID  uint64
	inMax   int
	stats   Stats
}

// New makes a ring. It must be called on the goroutine that will call Run, locked to
// its thread.
func New(cfg Config) (*Ring, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	r := &Ring{cfg: cfg, k: cfg.Kernel, wakeFD: -1, rawWait: rawWait(), inMax: cfg.BuffersPerConn * cfg.BufferSize}
	if r.k == nil {
		r.k = newLinux()
	}
	q, err := r.k.Setup(cfg.Entries, cfg.CQEntries)
	if err != nil {
		return nil, err
	}
	r.q = q
	r.sqMask, r.cqMask = uint32(len(q.SQEs)-1), uint32(len(q.CQEs)-1)
	r.pool.k = r.k
	r.segs = make([]segment, 1, 64)
	if err := r.setup(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Ring) setup() error {
	if err := r.bufs.setup(r.k, r.cfg.Buffers, r.cfg.BufferSize); err != nil {
		return err
	}
	var err error
	if r.msgMem, err = r.k.Map(pageAlign(len(r.q.SQEs) * messageSize)); err != nil {
		return err
	}
	r.messages = messages(r.msgMem)
	r.now = r.k.Now()
	r.wheel.init(r.now)
	return r.setupWake()
}

func pageAlign(n int) int { return (n + 4095) &^ 4095 }

// Close destroys the ring: everything pending is cancelled by the kernel, descriptors of
// connections are closed, and no callback runs any more. Listening sockets stay open.
func (r *Ring) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.postMu.Lock()
	if r.wakeFD >= 0 {
		syscall.Close(r.wakeFD)
		r.wakeFD = -1
	}
	r.postMu.Unlock()
	err := r.k.Close()
	for c := range r.conns.all() {
		if c.fd >= 0 && c.flags&fCloseIssued == 0 {
			r.k.CloseFD(int(c.fd))
		}
		c.flags |= fClosing | fCloseIssued
	}
	// The kernel ends what is in flight after close returns, and may still write to buffers
	// then. Mapped memory that it holds references to must not come back as something
	// else; so the provided buffers, a fixed amount per ring, stay mapped when connections were live.
	if r.conns.live == 0 {
		r.bufs.close(r.k)
		r.pool.close()
		if r.msgMem != nil {
			r.k.Unmap(r.msgMem)
		}
	}
	return err
}

// Run makes one iteration: submit, wait, reap, call back, fire timers. It blocks until a
// completion, a wake-up or a timer. An error is fatal: the ring is of no use any more.
func (r *Ring) Run() error {
	if r.closed {
		return ErrClosed
	}
	r.stats.Iterations++
	r.flush()
	if err := r.enter(r.waitNs()); err != nil {
		r.fatal = err
	}
	if r.fatal != nil {
		return r.fatal
	}
	r.now = r.k.Now()
	r.wallNow = 0
	r.reap()
	r.dispatch()
	r.wheel.advance(r.now)
	r.settle()
	return r.fatal
}

// Now is a monotonic clock in nanoseconds, read once per iteration.
func (r *Ring) Now() int64 { return r.now }

// WallUnixNano is the wall clock in nanoseconds since 1970, read at most once per iteration.
func (r *Ring) WallUnixNano() int64 {
	if r.wallNow == 0 {
		r.wallNow = r.k.WallNow()
	}
	return r.wallNow
}

// WallTime is WallUnixNano as a time.Time.
func (r *Ring) WallTime() time.Time { return time.Unix(0, r.WallUnixNano()) }

// Stats returns the counters.
func (r *Ring) Stats() Stats {
	s := r.stats
	s.Conns = r.conns.live
	s.BuffersInUse = r.bufs.lent
	s.PoolBytes = r.pool.inUse
	s.Timers = r.wheel.count
	return s
}

// PoolBytes is Stats' field of that name.
func (r *Ring) PoolBytes() int { return r.pool.inUse }

// waitNs is how long the next enter may wait: 0 not at all, negative without bound.
func (r *Ring) waitNs() int64 {
	if len(r.runq) > 0 || len(r.accepted) > 0 || len(r.waiters) > 0 {
		return 0
	}
	return r.wheel.wait(r.now)
}

// flush turns what callbacks asked for into SQEs, and gives freed buffers to the kernel.
func (r *Ring) flush() {
	r.bufs.publish()
	r.wakeWaiters()
	for i := 0; i < len(r.dirty); i++ {
		c := r.dirty[i]
		c.flags &^= fDirty
		r.flushConn(c)
	}
	r.dirty = r.dirty[:0]
	if len(r.armq) > 0 {
		r.flushListeners()
	}
	if !r.wakeArmed {
		r.armWake()
	}
}

// dispatch runs the callbacks of everything that was reaped. Connections that callbacks queue
// meanwhile (Kick) run too, within a bound; the rest runs in the next iteration, which
// doesn't wait then.
func (r *Ring) dispatch() {
	r.runPosts()
	if len(r.accepted) > 0 {
		r.runAccepted()
	}
	if len(r.readDone) > 0 {
		r.runReads()
	}
	if len(r.pollDone) > 0 {
		r.runPolls()
	}
	bound := 4*len(r.runq) + 256
	i := 0
	for ; i < len(r.runq) && i < bound; i++ {
		r.runConn(r.runq[i])
	}
	n := copy(r.runq, r.runq[i:])
	clear(r.runq[n:])
	r.runq = r.runq[:n]
}

// markDirty has c looked at by the next flush.
func (r *Ring) markDirty(c *Conn) {
	if c.flags&fDirty == 0 {
		c.flags |= fDirty
		r.dirty = append(r.dirty, c)
	}
}

// enqueue has c run in this iteration, or the next one if callbacks are over.
func (r *Ring) enqueue(c *Conn) {
	if c.flags&fQueued == 0 {
		c.flags |= fQueued
		r.runq = append(r.runq, c)
	}
}
