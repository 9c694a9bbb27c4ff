package ring_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	sys "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"

	"moonring/ring"
	"moonring/ring/ringtest"
)

// bench is a ring on a scripted kernel, and a handler that writes down what happens.
type bench struct {
	t   *testing.T
	k   *ringtest.Kernel
	r   *ring.Ring
	log []string
	c   *ring.Conn // the latest

	data     func(c *ring.Conn, p []byte) int // nil: consume all
	onAccept func(c *ring.Conn)
	onEOF    func(c *ring.Conn)
	nextFD   int32
}

func newBench(t *testing.T, cfg ring.Config) *bench {
	t.Helper()
	b := &bench{t: t, k: ringtest.New(t), nextFD: 1000}
	cfg.Kernel = b.k
	r, err := ring.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.r = r
	t.Cleanup(func() { r.Close() })
	return b
}

func (b *bench) note(format string, args ...any) { b.log = append(b.log, fmt.Sprintf(format, args...)) }

func (b *bench) OnAccept(c *ring.Conn) {
	c.SetHandler(b)
	b.c = c
	if b.onAccept != nil {
		b.onAccept(c)
	}
}
func (b *bench) OnAcceptError(err error) { b.note("accept error %v", err) }
func (b *bench) OnConnect(c *ring.Conn, err error) {
	b.note("connect %v", err)
	c.SetHandler(b)
}
func (b *bench) OnData(c *ring.Conn, p []byte) int {
	n := len(p)
	if b.data != nil {
		n = b.data(c, p)
	}
	b.note("data %q %d", p, n)
	return n
}
func (b *bench) OnEOF(c *ring.Conn) {
	b.note("eof")
	if b.onEOF != nil {
		b.onEOF(c)
	}
}
func (b *bench) OnDrain(c *ring.Conn)            { b.note("drain") }
func (b *bench) OnClose(c *ring.Conn, err error) { b.note("close %v", err) }

// run makes n iterations.
func (b *bench) run(n int) {
	b.t.Helper()
	for range n {
		// The scripted kernel fails a test that waits for ever; a wait without an event is none here.
		b.k.OnWait = func() { b.r.Wake(); b.k.Complete(0x1, 8, 0); b.k.Drop(0x1) }
		if err := b.r.Run(); err != nil {
			b.t.Fatal(err)
		}
	}
}

// accept brings a new connection up to the armed recv, which it returns.
func (b *bench) accept() (ring.SQE, *ring.Conn) {
	b.t.Helper()
	if len(b.k.InFlight(sys.IORING_OP_ACCEPT)) == 0 {
		if _, err := b.r.Listen(99, b); err != nil {
			b.t.Fatal(err)
		}
		b.run(1)
	}
	before := len(b.k.InFlight(sys.IORING_OP_RECV))
	b.nextFD++
	b.k.Complete(b.k.One(sys.IORING_OP_ACCEPT).UserData, b.nextFD, ring.IORING_CQE_F_MORE)
	b.run(2)
	recvs := b.k.InFlight(sys.IORING_OP_RECV)
	if len(recvs) != before+1 {
		b.t.Fatalf("recv is not armed after accept: %+v", b.k.InFlight())
	}
	return recvs[before], b.c
}

// want compares the log since the last want.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	got, exp := strings.Join(b.log, "\n"), strings.Join(lines, "\n")
	if got != exp {
		b.t.Fatalf("callbacks:\n%s\nwant:\n%s", got, exp)
	}
	b.log = nil
}

// idle checks that nothing is held: no buffers, no pool memory, and conns live connections.
func (b *bench) idle(conns int) {
	b.t.Helper()
	if s := b.r.Stats(); s.BuffersInUse != 0 || s.PoolBytes != 0 || s.Conns != conns {
		b.t.Fatalf("not idle: %+v", s)
	}
}

func TestRequestAndAnswerAreOneRecvAndOneSend(t *testing.T) {
	b := newBench(t, ring.Config{})
	recv, _ := b.accept()
	b.data = func(c *ring.Conn, p []byte) int { c.Write([]byte("ab")); c.Write([]byte("cd")); return len(p) }
	b.k.Receive(recv, []byte("ping"), true)
	b.run(2)
	b.want(`data "ping" 4`)
	send := b.k.One(sys.IORING_OP_SEND)
	if got := string(ringtest.Output(&send)); got != "abcd" {
		t.Fatalf("sent %q", got)
	}
	b.k.Finish(send, 4)
	b.run(1)
	b.want("drain")
	b.idle(1)
}

func TestShortWritesGoOnWhereTheyStopped(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	c.Write([]byte("0123456789"))
	b.run(1)
	c.Write([]byte("abc")) // while the first is in flight
	b.run(1)
	for _, step := range []struct {
		take int32
		out  string
	}{{4, "0123456789"}, {1, "456789abc"}, {8, "56789abc"}} {
		s := b.k.One(sys.IORING_OP_SEND)
		if got := string(ringtest.Output(&s)); got != step.out {
			t.Fatalf("sent %q, want %q", got, step.out)
		}
		b.k.Finish(s, step.take)
		b.run(2)
	}
	b.want("drain")
	b.idle(1)
	if s := b.r.Stats(); s.ShortSends != 2 {
		t.Fatalf("%d short sends counted", s.ShortSends)
	}
}

func TestStaticMemoryIsSentWithIovecsAndNotCopied(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	static := bytes.Repeat([]byte("s"), 5000)
	var sent []byte
	shorts := []int32{3, 4000, 1 << 20}
	b.k.Handle(sys.IORING_OP_SENDMSG, func(s *ring.SQE) {
		out := ringtest.Output(s)
		n := min(shorts[0], int32(len(out)))
		shorts = shorts[1:]
		sent = append(sent, out[:n]...)
		b.k.Complete(s.UserData, n, 0)
	})
	c.Write([]byte("head:"))
	c.WriteStatic(static)
	c.Write([]byte(":tail"))
	if c.QueuedBytes() != 5010 {
		t.Fatalf("queued %d", c.QueuedBytes())
	}
	b.run(5)
	if want := "head:" + string(static) + ":tail"; string(sent) != want {
		t.Fatalf("sent %d bytes, want %d, or in another order", len(sent), len(want))
	}
	b.want("drain")
	// Alone it goes as a plain SEND from the user's own memory.
	c.WriteStatic(static)
	b.run(1)
	s := b.k.One(sys.IORING_OP_SEND)
	if &ringtest.Bytes(s.Addr, 1)[0] != &static[0] {
		t.Fatal("static memory was copied")
	}
	b.k.Finish(s, 5000)
	b.run(1)
	b.want("drain")
	b.idle(1)
}

func TestUnconsumedBytesComeAgainContiguous(t *testing.T) {
	b := newBench(t, ring.Config{BufferSize: 64})
	recv, c := b.accept()
	want := 10
	b.data = func(c *ring.Conn, p []byte) int {
		if len(p) < want {
			return 0
		}
		return want
	}
	b.k.Receive(recv, []byte("012"), true)
	b.run(1)
	b.k.Receive(recv, []byte("345"), true)
	b.k.Receive(recv, []byte("6789abc"), true)
	b.run(1)
	b.want(`data "012" 0`, `data "0123456789abc" 10`)
	if c.Pending() != 3 {
		t.Fatalf("pending %d", c.Pending())
	}
	want = 3
	c.Kick()
	b.run(1)
	b.want(`data "abc" 3`)
	b.idle(1)
	// Two buffers in one iteration, of which the first is not enough.
	want = 6
	b.k.Receive(recv, []byte("abcd"), true)
	b.k.Receive(recv, []byte("ef"), true)
	b.run(1)
	b.want(`data "abcd" 0`, `data "abcdef" 6`)
	b.idle(1)
}

func TestKickServesPipelinedRequestsInPlaceWithinTheIteration(t *testing.T) {
	b := newBench(t, ring.Config{})
	recv, _ := b.accept()
	b.data = func(c *ring.Conn, p []byte) int { c.Kick(); return 2 }
	b.k.Receive(recv, []byte("r1r2r3"), true)
	b.run(1)
	b.want(`data "r1r2r3" 2`, `data "r2r3" 2`, `data "r3" 2`)
	b.idle(1)
}

func TestPausedConnectionIsCancelledAtItsBoundAndArmedAgain(t *testing.T) {
	b := newBench(t, ring.Config{BufferSize: 64, BuffersPerConn: 4, Buffers: 8})
	recv, c := b.accept()
	c.PauseRead()
	piece := bytes.Repeat([]byte("p"), 64)
	for range 4 {
		b.k.Receive(recv, piece, true)
		b.run(1)
		if n := b.r.Stats().BuffersInUse; n != 0 {
			t.Fatalf("a paused connection holds %d provided buffers", n)
		}
	}
	b.want()
	b.run(1)
	if n := len(b.k.InFlight(sys.IORING_OP_RECV)); n != 0 || c.Pending() != 256 {
		t.Fatalf("%d recvs armed with %d bytes pending", n, c.Pending())
	}
	b.run(2)
	if n := len(b.k.InFlight(sys.IORING_OP_RECV)); n != 0 {
		t.Fatal("recv was armed while paused and full")
	}
	b.data = func(c *ring.Conn, p []byte) int { return 256 }
	c.ResumeRead()
	b.run(2)
	b.want(fmt.Sprintf("data %q 256", bytes.Repeat([]byte("p"), 256)))
	b.k.One(sys.IORING_OP_RECV)
	b.idle(1)
}

func TestWithoutBuffersWaitersAreArmedInTurn(t *testing.T) {
	b := newBench(t, ring.Config{BufferSize: 64, Buffers: 4})
	var recvs []ring.SQE
	for range 6 {
		recv, _ := b.accept()
		recvs = append(recvs, recv)
	}
	// All six have data, four buffers are there.
	for i, s := range recvs {
		b.k.Receive(s, []byte{'0' + byte(i)}, true)
	}
	b.run(1)
	b.want(`data "0" 1`, `data "1" 1`, `data "2" 1`, `data "3" 1`)
	b.run(1)
	armed := b.k.InFlight(sys.IORING_OP_RECV)
	if len(armed) != 6 || armed[4].Fd != recvs[4].Fd || armed[5].Fd != recvs[5].Fd {
		t.Fatalf("armed again: %+v", armed)
	}
	b.k.Receive(armed[4], []byte("4"), true)
	b.k.Receive(armed[5], []byte("5"), true)
	b.run(1)
	b.want(`data "4" 1`, `data "5" 1`)
	if s := b.r.Stats(); s.NoBuffers != 2 {
		t.Fatalf("%d ENOBUFS counted", s.NoBuffers)
	}
	b.idle(6)
}

func TestCompletionsBeyondTheCQAreFlushedAndNoneLost(t *testing.T) {
	b := newBench(t, ring.Config{Entries: 4, CQEntries: 8, BufferSize: 64, Buffers: 64})
	recv, _ := b.accept()
	for i := range 60 {
		b.k.Receive(recv, []byte{'0' + byte(i)}, true)
	}
	b.run(1)
	for i, line := range b.log {
		if want := fmt.Sprintf("data %q 1", []byte{'0' + byte(i)}); line != want {
			t.Fatalf("callback %d is %s, want %s", i, line, want)
		}
	}
	if s := b.r.Stats(); len(b.log) != 60 || s.CQOverflows == 0 {
		t.Fatalf("%d callbacks, %d overflows", len(b.log), s.CQOverflows)
	}
	b.idle(1)
}

func TestPeerThatVanishes(t *testing.T) {
	t.Run("reset while idle", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, _ := b.accept()
		b.k.Finish(recv, -int32(syscall.ECONNRESET))
		b.run(3)
		b.want("close connection reset by peer")
		b.idle(0)
	})
	t.Run("reset right after data: the data is delivered first", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, _ := b.accept()
		b.k.Receive(recv, []byte("last"), true)
		b.k.Finish(recv, -int32(syscall.ECONNRESET))
		b.run(3)
		b.want(`data "last" 4`, "close connection reset by peer")
		b.idle(0)
	})
	t.Run("reset while paused", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, c := b.accept()
		c.PauseRead()
		b.k.Receive(recv, []byte("never seen"), true)
		b.run(1)
		b.k.Finish(recv, -int32(syscall.ECONNRESET))
		b.run(3)
		b.want("close connection reset by peer")
		b.idle(0)
	})
	t.Run("broken pipe while sending", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		_, c := b.accept()
		c.Write([]byte("answer"))
		b.run(1)
		b.k.Finish(b.k.One(sys.IORING_OP_SEND), -int32(syscall.EPIPE))
		b.run(3)
		b.want("close broken pipe")
		b.idle(0)
	})
}

func TestHalfClose(t *testing.T) {
	t.Run("EOF comes after the data, and the answer still goes out", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, c := b.accept()
		b.k.Receive(recv, []byte("q"), true)
		b.k.Finish(recv, 0)
		b.run(2)
		b.want(`data "q" 1`, "eof")
		c.Write([]byte("a"))
		c.CloseAfterDrain()
		b.run(1)
		b.k.Finish(b.k.One(sys.IORING_OP_SEND), 1)
		b.run(2)
		b.want("close <nil>")
		b.idle(0)
	})
	t.Run("EOF waits while paused", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, c := b.accept()
		c.PauseRead()
		b.k.Finish(recv, 0)
		b.run(3)
		b.want()
		c.ResumeRead()
		b.run(1)
		b.want("eof")
		c.PauseRead()
		c.ResumeRead()
		b.run(1)
		b.want()
	})
	t.Run("EOF is told though the handler leaves data", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, _ := b.accept()
		b.data = func(*ring.Conn, []byte) int { return 0 }
		b.k.Receive(recv, []byte("partial"), true)
		b.k.Finish(recv, 0)
		b.run(2)
		b.want(`data "partial" 0`, "eof")
	})
	t.Run("recv is not armed after EOF", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, c := b.accept()
		b.k.Finish(recv, 0)
		b.run(2)
		c.Write([]byte("x"))
		b.run(2)
		if n := len(b.k.InFlight(sys.IORING_OP_RECV)); n != 0 {
			t.Fatalf("%d recvs armed", n)
		}
	})
}

func TestCloseWaitsForEveryOperation(t *testing.T) {
	b := newBench(t, ring.Config{})
	var cancels []ring.SQE
	b.k.Handle(sys.IORING_OP_ASYNC_CANCEL, func(s *ring.SQE) { cancels = append(cancels, *s) })
	recv, c := b.accept()
	c.Write([]byte("never taken"))
	b.run(1)
	send := b.k.One(sys.IORING_OP_SEND)
	c.Abort()
	b.run(1)
	if len(cancels) != 2 || len(b.k.Closed) != 1 {
		t.Fatalf("%d cancels and %d closes in the submission", len(cancels), len(b.k.Closed))
	}
	b.run(2)
	b.want() // CLOSE is done, recv and send are not
	if got := string(ringtest.Output(&send)); got != "never taken" {
		t.Fatalf("memory of the send in flight was reused: %q", got)
	}
	b.k.Receive(recv, []byte("late"), true) // arrives while closing: dropped
	b.run(1)
	b.k.Finish(recv, -int32(syscall.ECANCELED))
	b.run(1)
	b.want()
	b.k.Finish(send, -int32(syscall.ECANCELED))
	b.run(1)
	b.want("close <nil>")
	b.idle(0)
}

func TestCompletionOfAnEarlierLifeIsIgnoredAndItsBufferSaved(t *testing.T) {
	b := newBench(t, ring.Config{Buffers: 8})
	recv, c := b.accept()
	c.Abort()
	b.run(3)
	b.want("close <nil>")
	recv2, c2 := b.accept()
	if c2 != c || recv2.UserData == recv.UserData {
		t.Fatal("the slot was not reused under a new generation")
	}
	b.k.Receive(recv, []byte("ghost"), true)
	b.k.Complete(recv.UserData, 0, 0)
	b.run(2)
	b.want()
	if s := b.r.Stats(); s.Stale != 2 || b.k.FreeBuffers() != 8 {
		t.Fatalf("%d stale completions, %d buffers free", s.Stale, b.k.FreeBuffers())
	}
	b.idle(1)
}

func TestAcceptRestsAfterEMFILE(t *testing.T) {
	b := newBench(t, ring.Config{AcceptPause: 100 * time.Millisecond})
	b.accept()
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		b.k.Finish(b.k.One(sys.IORING_OP_ACCEPT), -int32(e))
		b.run(1)
		b.want("accept error " + e.Error())
		b.run(2)
		if len(b.k.InFlight(sys.IORING_OP_ACCEPT)) != 0 {
			t.Fatal("accept was armed again at once")
		}
		b.k.Clock += int64(101 * time.Millisecond)
		b.run(2)
		b.k.One(sys.IORING_OP_ACCEPT)
	}
	// A peer that gave up while in the accept queue is no reason to rest.
	b.k.Finish(b.k.One(sys.IORING_OP_ACCEPT), -int32(syscall.ECONNABORTED))
	b.run(2)
	b.want()
	b.k.One(sys.IORING_OP_ACCEPT)
}

func TestAcceptPausesAtMaxConns(t *testing.T) {
	b := newBench(t, ring.Config{MaxConns: 2})
	b.accept()
	_, c := b.accept()
	b.run(2)
	if len(b.k.InFlight(sys.IORING_OP_ACCEPT)) != 0 {
		t.Fatal("accept goes on with the table full")
	}
	c.Abort()
	b.run(3)
	b.k.One(sys.IORING_OP_ACCEPT)
	b.want("close <nil>")
}

func TestListenerPauseResumeStop(t *testing.T) {
	b := newBench(t, ring.Config{})
	l, _ := b.r.Listen(99, b)
	b.run(1)
	accept := b.k.One(sys.IORING_OP_ACCEPT)
	l.Pause()
	b.run(2)
	if l.Active() || len(b.k.InFlight(sys.IORING_OP_ACCEPT)) != 0 {
		t.Fatal("accepts while paused")
	}
	l.Resume()
	b.run(1)
	accept = b.k.One(sys.IORING_OP_ACCEPT)
	// A connection that came before the cancellation is not lost.
	b.k.Complete(accept.UserData, 1234, ring.IORING_CQE_F_MORE)
	l.Stop()
	b.run(2)
	if l.Active() || b.r.Stats().Conns != 1 {
		t.Fatalf("active %v, %d connections", l.Active(), b.r.Stats().Conns)
	}
}

// TestStopGivesUp holds that a listener that stops doesn't ask for ever: neither for connections that the kernel refuses to give,
// nor for those of a flood.
func TestStopGivesUp(t *testing.T) {
	b := newBench(t, ring.Config{})
	b.k.Ready = map[int]bool{98: true}
	flooded, _ := b.r.Listen(98, b)
	b.run(1)
	flooded.Stop()
	b.run(40)
	if flooded.Active() {
		t.Fatal("still looks for connections after 40 turns")
	}
	l, _ := b.r.Listen(99, b)
	b.run(1)
	b.k.Ready = map[int]bool{99: true}
	b.k.Handle(sys.IORING_OP_ACCEPT, func(s *ring.SQE) { b.k.Complete(s.UserData, -int32(syscall.EMFILE), 0) })
	l.Stop()
	b.run(4)
	if l.Active() {
		t.Fatal("still accepts after EMFILE")
	}
	b.want("accept error too many open files")
}

func TestEnterErrors(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	for _, e := range []syscall.Errno{syscall.EAGAIN, syscall.EBUSY, syscall.EINTR} {
		c.Write([]byte("x"))
		b.k.Fail(e)
		b.run(2)
		b.k.Finish(b.k.One(sys.IORING_OP_SEND), 1)
		b.run(1)
		b.want("drain")
	}
	b.k.Fail(syscall.EBADR)
	if err := b.r.Run(); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Fatalf("lost completions give %v", err)
	}
	if err := b.r.Run(); err == nil {
		t.Fatal("a ring that lost completions goes on")
	}
}

func TestSQSmallerThanTheBatch(t *testing.T) {
	b := newBench(t, ring.Config{Entries: 2, CQEntries: 256})
	var conns []*ring.Conn
	for range 20 {
		_, c := b.accept()
		conns = append(conns, c)
	}
	b.k.TakeMost = 1 // and the kernel is slow to take
	for _, c := range conns {
		c.Write([]byte("x"))
	}
	b.run(4)
	if n := len(b.k.InFlight(sys.IORING_OP_SEND)); n != 20 {
		t.Fatalf("%d sends of 20", n)
	}
	b.k.Fail(make([]syscall.Errno, 0)...)
	for _, c := range conns {
		c.Abort()
	}
	for range 2000 {
		b.k.Fail(syscall.EPERM)
	}
	if err := b.r.Run(); !errors.Is(err, syscall.EPERM) {
		t.Fatalf("a kernel that refuses gives %v", err)
	}
}

func TestShutdownAfterDrainLingers(t *testing.T) {
	b := newBench(t, ring.Config{})
	recv, c := b.accept()
	c.Write([]byte("bye"))
	c.ShutdownAfterDrain()
	b.run(1)
	if len(b.k.InFlight(sys.IORING_OP_SHUTDOWN)) != 0 {
		t.Fatal("SHUTDOWN before the output went out")
	}
	b.k.Finish(b.k.One(sys.IORING_OP_SEND), 3)
	b.run(2)
	b.want("drain")
	s := b.k.One(sys.IORING_OP_SHUTDOWN)
	if s.Len != syscall.SHUT_WR {
		t.Fatalf("how = %d", s.Len)
	}
	b.k.Finish(s, 0)
	c.Write([]byte("dropped"))
	b.k.Receive(recv, []byte("rest"), true)
	b.k.Finish(recv, 0)
	b.run(2)
	b.want(`data "rest" 4`, "eof")
	c.CloseAfterDrain()
	b.run(3)
	b.want("close <nil>")
	b.idle(0)
}

func TestCloseWaitsForShutdown(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	c.ShutdownAfterDrain()
	b.run(1)
	s := b.k.One(sys.IORING_OP_SHUTDOWN)
	c.Abort()
	b.run(3)
	// A worker thread of the kernel may not have looked the descriptor up yet: it must not become another's.
	b.want()
	if len(b.k.Closed) != 0 {
		t.Fatalf("descriptors %d closed under a SHUTDOWN", b.k.Closed)
	}
	b.k.Finish(s, 0)
	b.run(3)
	b.want("close <nil>")
	if len(b.k.Closed) != 1 {
		t.Fatalf("descriptors %d closed, want one", b.k.Closed)
	}
	b.idle(0)
}

func TestCloseAfterDrainDropsInput(t *testing.T) {
	b := newBench(t, ring.Config{})
	recv, c := b.accept()
	c.Write([]byte("bye"))
	c.CloseAfterDrain()
	b.run(1)
	b.k.Receive(recv, []byte("unwanted"), true)
	b.run(1)
	b.want()
	b.k.Finish(b.k.One(sys.IORING_OP_SEND), 3)
	b.run(3)
	b.want("close <nil>")
	b.idle(0)
}

func TestAbortInsideCallbacks(t *testing.T) {
	t.Run("OnData", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, _ := b.accept()
		b.data = func(c *ring.Conn, p []byte) int {
			c.Write([]byte("dropped"))
			c.Abort()
			copy(c.Reserve(100000), "scratch")
			c.Commit(7)
			return 0
		}
		b.k.Receive(recv, []byte("a"), true)
		b.k.Receive(recv, []byte("b"), true)
		b.run(3)
		b.want(`data "a" 0`, "close <nil>")
		b.idle(0)
	})
	t.Run("OnAccept", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		b.onAccept = func(c *ring.Conn) { c.Abort() }
		b.r.Listen(99, b)
		b.run(1)
		b.k.Complete(b.k.One(sys.IORING_OP_ACCEPT).UserData, 1001, ring.IORING_CQE_F_MORE)
		b.run(3)
		b.want("close <nil>")
		b.idle(0)
	})
	t.Run("OnEOF", func(t *testing.T) {
		b := newBench(t, ring.Config{})
		recv, _ := b.accept()
		b.onEOF = func(c *ring.Conn) { c.Abort(); c.Abort(); c.CloseAfterDrain() }
		b.k.Finish(recv, 0)
		b.run(3)
		b.want("eof", "close <nil>")
		b.idle(0)
	})
}

func TestDialOutcomes(t *testing.T) {
	sa := &unix.SockaddrInet4{Port: 80, Addr: [4]byte{127, 0, 0, 1}}
	b := newBench(t, ring.Config{})
	dial := func() *ring.Conn {
		c, err := b.r.Dial(sa, b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// The scripted kernel closes no real descriptors: that is up to the test.
	fd := dial().FD()
	b.run(1)
	s := b.k.One(sys.IORING_OP_CONNECT)
	b.k.Finish(s, 0)
	b.run(2)
	b.want("connect <nil>")
	recv := b.k.One(sys.IORING_OP_RECV)
	b.k.Receive(recv, []byte("hi"), true)
	b.k.Finish(recv, 0)
	b.run(1)
	b.want(`data "hi" 2`, "eof")
	unix.Close(fd)

	fd = dial().FD()
	b.run(1)
	b.k.Finish(b.k.One(sys.IORING_OP_CONNECT), -int32(syscall.ECONNREFUSED))
	b.run(3)
	b.want("connect connection refused")
	unix.Close(fd)

	c := dial()
	fd = c.FD()
	c.Abort()
	b.run(3)
	b.want("connect operation canceled")
	unix.Close(fd)
	b.idle(1)
}

func TestFileIsReadIntoTheQueueAndSentWithItsHead(t *testing.T) {
	file := bytes.Repeat([]byte("0123456789abcdef"), 10000) // 160 kB: three reads
	size := len(file)
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	var sent []byte
	sends := 0
	send := func(s *ring.SQE) {
		out := ringtest.Output(s)
		sends++
		sent = append(sent, out...)
		b.k.Complete(s.UserData, int32(len(out)), 0)
	}
	b.k.Handle(sys.IORING_OP_SEND, send)
	b.k.Handle(sys.IORING_OP_SENDMSG, send)
	interrupted := false
	b.k.Handle(sys.IORING_OP_READ, func(s *ring.SQE) {
		if s.Fd != 55 {
			b.k.Keep(s)
			return
		}
		if !interrupted {
			interrupted = true
			b.k.Complete(s.UserData, -int32(syscall.EINTR), 0)
			return
		}
		n := copy(ringtest.Bytes(s.Addr, uint64(s.Len)), file[min(int(s.Off), size):size])
		b.k.Complete(s.UserData, int32(n), 0)
	})
	c.Write([]byte("head"))
	c.WriteFile(55, 100, int64(size-100))
	c.Write([]byte("tail"))
	b.run(12)
	if string(sent) != "head"+string(file[100:])+"tail" {
		t.Fatalf("%d bytes sent, want %d, or in another order", len(sent), size-100+8)
	}
	if sends > 4 {
		t.Errorf("%d sends", sends)
	}
	b.want("drain")
	b.idle(1)

	size = 1000 // truncated meanwhile
	c.WriteFile(55, 0, 5000)
	b.run(6)
	b.want("close input/output error")
	b.idle(0)
}

func TestNoMemoryClosesTheConnectionOnly(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	b.k.MapFails = true
	c.Write([]byte("x"))
	b.run(3)
	b.want("close cannot allocate memory")
	b.k.MapFails = false
	_, c = b.accept()
	c.Write([]byte("x"))
	b.run(1)
	b.k.Finish(b.k.One(sys.IORING_OP_SEND), 1)
	b.run(1)
	b.want("drain")
	b.idle(1)
}

func TestLargeOutputTakesFewSegments(t *testing.T) {
	b := newBench(t, ring.Config{})
	_, c := b.accept()
	var want, got []byte
	for i := range 3000 {
		p := bytes.Repeat([]byte{byte(i)}, 1000)
		want = append(want, p...)
		c.Write(p)
	}
	sends := 0
	send := func(s *ring.SQE) {
		sends++
		out := ringtest.Output(s)
		got = append(got, out...)
		b.k.Complete(s.UserData, int32(len(out)), 0)
	}
	b.k.Handle(sys.IORING_OP_SEND, send)
	b.k.Handle(sys.IORING_OP_SENDMSG, send)
	b.run(10)
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes sent of %d, or in another order", len(got), len(want))
	}
	if sends > 3 {
		t.Errorf("3 MB in 1 kB writes took %d sends", sends)
	}
	b.want("drain")
	b.idle(1)
}
