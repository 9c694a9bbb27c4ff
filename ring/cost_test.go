package ring

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// loop is a responder and a client on raw sockets, all on one thread, so that every allocation counts.
type loop struct {
	t       testing.TB
	r       *Ring
	client  int
	answer  []byte
	static  []byte
	timeout Timer
	buf     []byte
	drained bool
	calls   int // of OnData
}

func newLoop(t testing.TB) *loop {
	l := &loop{t: t, r: newRing(t, Config{}), answer: []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), buf: make([]byte, 64<<10)}
	fd, _ := listenSocket(t)
	if _, err := l.r.Listen(fd, l); err != nil {
		t.Fatal(err)
	}
	sa, _ := unix.Getsockname(fd)
	var err error
	if l.client, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(l.client) })
	if err := unix.Connect(l.client, sa); err != nil {
		t.Fatal(err)
	}
	unix.SetNonblock(l.client, true)
	unix.SetsockoptInt(l.client, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	return l
}

func (l *loop) OnAccept(c *Conn)    { c.SetHandler(l) }
func (l *loop) OnAcceptError(error) {}
func (l *loop) OnEOF(c *Conn)       { c.CloseAfterDrain() }
func (l *loop) OnClose(*Conn, error) {
}
func (l *loop) OnTimer(*Timer) {}
func (l *loop) OnDrain(c *Conn) {
	l.drained = true
	l.r.StartTimer(&l.timeout, time.Minute, l)
}
func (l *loop) OnData(c *Conn, p []byte) int {
	l.calls++
	l.r.StopTimer(&l.timeout)
	if len(p) < 10 { // an incomplete head
		return 0
	}
	b := c.Reserve(len(l.answer))
	c.Commit(copy(b, l.answer))
	if l.static != nil {
		c.WriteStatic(l.static)
	}
	return len(p)
}

// request sends req in two pieces if split, runs the ring until the answer went out, and reads it.
func (l *loop) request(req []byte, split bool) {
	if split {
		l.calls = 0
		unix.Write(l.client, req[:5])
		for l.calls == 0 {
			l.run()
		}
		req = req[5:]
	}
	l.drained = false
	unix.Write(l.client, req)
	want := len(l.answer) + len(l.static)
	for got := 0; got < want || !l.drained; {
		if !l.drained {
			l.run()
		}
		n, err := unix.Read(l.client, l.buf)
		if n > 0 {
			got += n
		} else if err != unix.EAGAIN {
			l.t.Fatalf("read: %d bytes, %v", n, err)
		}
	}
}

func (l *loop) run() {
	if err := l.r.Run(); err != nil {
		l.t.Fatal(err)
	}
}

func TestRequestsAllocateNothing(t *testing.T) {
	for _, tc := range []struct {
		name   string
		static int
		split  bool
	}{{"copied answer", 0, false}, {"static body", 10000, false}, {"request in two pieces", 0, true}} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLoop(t)
			if tc.static > 0 {
				l.static = make([]byte, tc.static)
			}
			req := []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			for range 10 {
				l.request(req, tc.split)
			}
			if n := testing.AllocsPerRun(500, func() { l.request(req, tc.split) }); n != 0 {
				t.Errorf("%v allocations per request", n)
			}
			if s := l.r.Stats(); s.BuffersInUse != 0 || s.PoolBytes != 0 {
				t.Errorf("idle, but holding %+v", s)
			}
		})
	}
}

func BenchmarkKeepAliveRequest(b *testing.B) {
	for _, static := range []int{0, 10000} {
		b.Run(fmt.Sprintf("static %d", static), func(b *testing.B) {
			l := newLoop(b)
			if static > 0 {
				l.static = make([]byte, static)
			}
			req := []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			b.ReportAllocs()
			for b.Loop() {
				l.request(req, false)
			}
		})
	}
}
