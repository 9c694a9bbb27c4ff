package ring_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	sys "github.com/iceber/iouring-go/syscall"

	"moonring/ring"
	"moonring/ring/ringtest"
)

var simSeed = flag.Uint64("sim.seed", 0, "run the simulation with this seed only")

// sim is a world that behaves as badly as Linux may: clients that send frames in
// arbitrary pieces, stall, half-close and reset; sends that are taken in part; cancels that come late;
// buffers and CQ that run out; enters that fail. The server echoes frames. Whatever
// happens, each client must read back its own frames, in order and unchanged, and in the end nothing may be left.
type sim struct {
	t     *testing.T
	seed  uint64
	rng   *rand.Rand
	k     *ringtest.Kernel
	r     *ring.Ring
	peers map[int32]*peer // by descriptor
	open  int             // peers whose OnClose has not come
	fd    int32
	late  []ring.SQE // cancels to be done later
	iters int
}

// peer is the client's end of a connection.
type peer struct {
	s      *sim
	fd     int32
	out    []byte // to send, a sequence of frames
	sent   int    // of out, received by the server
	in     []byte // echoed to us, verified
	iov    [][]byte
	frames int
	dead   bool // reset or server aborted: the echo may be incomplete
	eof    bool // we half-closed
	closes int
	gone   bool // the server closed the descriptor
	timer  ring.Timer
	c      *ring.Conn
}

// A frame is its length (4 bytes, all included), the client's descriptor (4), a
// sequence number (4), and bytes that follow from these.
func (p *peer) frame(n int) {
	f := make([]byte, 12+n)
	binary.LittleEndian.PutUint32(f, uint32(len(f)))
	binary.LittleEndian.PutUint32(f[4:], uint32(p.fd))
	binary.LittleEndian.PutUint32(f[8:], uint32(p.frames))
	for i := range n {
		f[12+i] = byte(int(p.fd)*31 + p.frames*7 + i)
	}
	p.frames++
	p.out = append(p.out, f...)
}

func (s *sim) fatal(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("seed %d, iteration %d: %s", s.seed, s.iters, fmt.Sprintf(format, args...))
}

// The server.

func (s *sim) OnAccept(c *ring.Conn) {
	p := s.peers[int32(c.FD())]
	p.c = c
	c.User = p
	c.SetHandler(s)
	if s.rng.IntN(50) == 0 {
		s.abort(c, p)
	}
}
func (s *sim) OnAcceptError(err error) {}

func (s *sim) abort(c *ring.Conn, p *peer) {
	p.dead = true
	c.Abort()
}

func (s *sim) OnData(c *ring.Conn, data []byte) int {
	p := c.User.(*peer)
	if p.closes != 0 {
		s.fatal("OnData after OnClose")
	}
	used := 0
	for {
		rest := data[used:]
		if len(rest) < 12 {
			return used
		}
		n := int(binary.LittleEndian.Uint32(rest))
		if fd := int32(binary.LittleEndian.Uint32(rest[4:])); fd != p.fd || n < 12 || n > 1<<20 {
			s.fatal("connection %d was given bytes of connection %d (length %d)", p.fd, fd, n)
		}
		if len(rest) < n {
			return used
		}
		f := rest[:n]
		used += n
		switch s.rng.IntN(4) {
		case 0:
			c.Write(f)
		case 1:
			b := c.Reserve(n)
			c.Commit(copy(b, f))
		case 2:
			c.WriteStatic(append([]byte(nil), f...))
		case 3:
			c.WriteString(string(f))
		}
		switch s.rng.IntN(40) {
		case 0:
			c.PauseRead()
			s.r.StartTimer(&p.timer, time.Duration(s.rng.IntN(500))*time.Millisecond, p)
			return used
		case 1:
			c.Kick()
			return used
		case 2:
			if s.rng.IntN(10) == 0 {
				s.abort(c, p)
				return used
			}
		}
	}
}

func (p *peer) OnTimer(*ring.Timer) {
	if p.closes != 0 {
		p.s.fatal("timer after OnClose")
	}
	p.c.ResumeRead()
}

func (s *sim) OnEOF(c *ring.Conn) {
	p := c.User.(*peer)
	if !p.eof {
		s.fatal("OnEOF, but the peer did not finish")
	}
	if s.rng.IntN(2) == 0 {
		c.ShutdownAfterDrain()
	}
	c.CloseAfterDrain()
}
func (s *sim) OnDrain(c *ring.Conn) {
	if c.QueuedBytes() != 0 {
		s.fatal("OnDrain with %d bytes queued", c.QueuedBytes())
	}
}
func (s *sim) OnClose(c *ring.Conn, err error) {
	p := c.User.(*peer)
	p.closes++
	if p.closes > 1 || !p.gone {
		s.fatal("OnClose number %d, descriptor closed: %v", p.closes, p.gone)
	}
	for _, o := range s.k.InFlight() {
		if o.Fd == p.fd && o.Opcode != sys.IORING_OP_ASYNC_CANCEL {
			s.fatal("OnClose with an operation in flight: %+v", o)
		}
	}
	s.r.StopTimer(&p.timer)
	if !p.dead && len(p.in) != len(p.out) {
		s.fatal("connection %d closed (%v) after %d of %d bytes of echo", p.fd, err, len(p.in), len(p.out))
	}
	delete(s.peers, p.fd)
	s.open--
}

// The kernel.

func (s *sim) setup() {
	k := s.k
	send := func(o *ring.SQE) {
		s.peers[o.Fd].iov = ringtest.Iovecs(o)
		k.Keep(o)
	}
	k.Handle(sys.IORING_OP_SEND, send)
	k.Handle(sys.IORING_OP_SENDMSG, send)
	k.Handle(sys.IORING_OP_CLOSE, func(o *ring.SQE) {
		s.peers[o.Fd].gone = true
		k.Complete(o.UserData, 0, 0)
	})
	k.Handle(sys.IORING_OP_ASYNC_CANCEL, func(o *ring.SQE) {
		switch s.rng.IntN(4) {
		case 0:
			s.late = append(s.late, *o)
		case 1: // it fails, though the target goes on
			k.Complete(o.UserData, -int32(syscall.ENOENT), 0)
		default:
			k.Cancel(o)
		}
	})
	k.OnWait = s.step
}

// step lets something happen; it is called between iterations and when the ring waits.
func (s *sim) step() {
	if s.rng.IntN(4) == 0 {
		s.k.Clock += s.rng.Int64N(int64(10 * time.Millisecond))
	}
	for i := range s.late {
		s.k.Cancel(&s.late[i])
	}
	s.late = s.late[:0]
	for _, o := range s.k.InFlight() {
		if s.rng.IntN(3) == 0 {
			continue
		}
		switch o.Opcode {
		case sys.IORING_OP_RECV:
			s.receive(o)
		case sys.IORING_OP_SEND, sys.IORING_OP_SENDMSG:
			s.send(o)
		case sys.IORING_OP_SHUTDOWN:
			s.k.Finish(o, 0)
		case sys.IORING_OP_ACCEPT:
			s.accept(o)
		}
	}
}

func (s *sim) accept(o ring.SQE) {
	switch {
	case s.rng.IntN(20) == 0:
		s.k.Finish(o, -int32([]syscall.Errno{syscall.EMFILE, syscall.ECONNABORTED}[s.rng.IntN(2)]))
	case s.open < 40 && s.fd < 3000:
		s.fd++
		p := &peer{s: s, fd: s.fd}
		for range s.rng.IntN(25) {
			p.frame(s.rng.IntN(1 << (1 + s.rng.IntN(13))))
		}
		s.peers[p.fd] = p
		s.open++
		s.k.Complete(o.UserData, p.fd, ring.IORING_CQE_F_MORE)
	}
}

func (s *sim) receive(o ring.SQE) {
	p := s.peers[o.Fd]
	if s.rng.IntN(300) == 0 {
		p.dead = true
		s.k.Finish(o, -int32(syscall.ECONNRESET))
		return
	}
	for range 1 + s.rng.IntN(6) {
		left := len(p.out) - p.sent
		if left == 0 {
			if p.eof = true; s.rng.IntN(2) == 0 {
				s.k.Finish(o, 0)
			}
			return
		}
		n := min(left, 1+s.rng.IntN(128))
		more := s.rng.IntN(20) != 0
		if !s.k.Receive(o, p.out[p.sent:p.sent+n], more) {
			return
		}
		p.sent += n
		if p.gone { // the server closed: this may not have been seen
			p.dead = true
		}
		if !more {
			return
		}
	}
}

func (s *sim) send(o ring.SQE) {
	p := s.peers[o.Fd]
	switch s.rng.IntN(200) {
	case 0:
		p.dead = true
		s.k.Finish(o, -int32(syscall.EPIPE))
		return
	case 1:
		s.k.Finish(o, -int32(syscall.EAGAIN))
		return
	}
	total := 0
	for _, v := range p.iov {
		total += len(v)
	}
	n := total
	if s.rng.IntN(3) == 0 {
		n = 1 + s.rng.IntN(total)
	}
	// The memory must be what was submitted, until now.
	left := n
	for _, v := range p.iov {
		v = v[:min(left, len(v))]
		for i, b := range v {
			if at := len(p.in); at >= p.sent || p.out[at] != b {
				s.fatal("connection %d got wrong byte %d (%#x) at %d", p.fd, i, b, at)
			}
			p.in = append(p.in, b)
		}
		left -= len(v)
	}
	s.k.Finish(o, int32(n))
}

func TestSimulation(t *testing.T) {
	if *simSeed != 0 {
		simulate(t, *simSeed)
		return
	}
	var sum ring.Stats
	for seed := uint64(1); seed <= 25; seed++ {
		st := simulate(t, seed)
		sum.NoBuffers += st.NoBuffers
		sum.CQOverflows += st.CQOverflows
		sum.ShortSends += st.ShortSends
		sum.RecvCancels += st.RecvCancels
		sum.AcceptErrors += st.AcceptErrors
		sum.AcceptPauses += st.AcceptPauses
	}
	t.Logf("%+v", sum)
	if sum.NoBuffers == 0 || sum.CQOverflows == 0 || sum.ShortSends == 0 || sum.RecvCancels == 0 || sum.AcceptErrors == 0 || sum.AcceptPauses == 0 {
		t.Errorf("the simulation exercised too little: %+v", sum)
	}
}

func simulate(t *testing.T, seed uint64) ring.Stats {
	t.Helper()
	s := &sim{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 7)), peers: map[int32]*peer{}, fd: 2000}
	s.k = ringtest.New(t)
	r, err := ring.New(ring.Config{Kernel: s.k, Entries: 1 << (2 + seed%4), CQEntries: 1 << (5 + seed%3),
		Buffers: 1 << (3 + seed%4), BufferSize: 128, BuffersPerConn: 66, MaxConns: 30 + int(seed%20)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s.r = r
	s.setup()
	l, err := r.Listen(99, s)
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		s.iters++
		if s.rng.IntN(30) == 0 {
			s.k.Fail([]syscall.Errno{syscall.EAGAIN, syscall.EBUSY, syscall.EINTR}[s.rng.IntN(3)])
		}
		s.k.TakeMost = 0
		if s.rng.IntN(10) == 0 {
			s.k.TakeMost = 1 + s.rng.IntN(3)
		}
		if err := r.Run(); err != nil {
			s.fatal("%v", err)
		}
		s.step()
	}
	for s.iters < 1500 {
		run()
	}
	l.Stop()
	for s.open > 0 || l.Active() {
		if run(); s.iters > 20000 {
			s.fatal("%d connections don't end; in flight: %+v", s.open, s.k.InFlight())
		}
	}
	st := r.Stats()
	if st.Conns != 0 || st.BuffersInUse != 0 || st.PoolBytes != 0 || st.Timers != 0 {
		s.fatal("left over: %+v", st)
	}
	return st
}
