package ring

import (
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// pulled dials a listener of this process and returns both ends.
func pulled(t *testing.T, r *Ring, h *funcs) (*Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peers := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		peers <- c
	}()
	var c *Conn
	sa := &unix.SockaddrInet4{Port: l.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	if _, err := r.Dial(sa, connectFunc(func(conn *Conn, err error) {
		if err != nil {
			t.Fatal(err)
		}
		c = conn
		c.SetHandler(h)
		c.Pull()
	})); err != nil {
		t.Fatal(err)
	}
	runUntil(t, r, "connect", func() bool { return c != nil })
	peer := (<-peers).(*net.TCPConn)
	t.Cleanup(func() { peer.Close() })
	return c, peer
}

type connectFunc func(c *Conn, err error)

func (f connectFunc) OnConnect(c *Conn, err error) { f(c, err) }

func TestPull(t *testing.T) {
	r := newRing(t, Config{BufferSize: 512, BuffersPerConn: 4, Buffers: 64})
	told, eofs, closed := 0, 0, 0
	c, peer := pulled(t, r, &funcs{
		data: func(c *Conn, p []byte) int {
			if p != nil {
				t.Errorf("OnData of a pulled connection brought %d bytes", len(p))
			}
			told++
			return 0
		},
		eof:   func(c *Conn) { eofs++ },
		close: func(c *Conn, err error) { closed++ },
	})
	if c.Input() != nil || c.Err() != nil || c.EOF() {
		t.Error("a new connection has input")
	}
	peer.Write([]byte("hello"))
	runUntil(t, r, "data", func() bool { return told > 0 })
	c.Consume(2)
	if got := string(c.Input()); got != "llo" {
		t.Errorf("input %q", got)
	}
	peer.Write([]byte("world"))
	runUntil(t, r, "more", func() bool { return c.Pending() == 8 })
	if got := string(c.Input()); got != "lloworld" {
		t.Errorf("input %q", got)
	}
	c.Consume(8)

	// A peer that sends more than the bound waits, and all of it arrives.
	const total = 300_000
	go func() {
		peer.Write(make([]byte, total))
		peer.CloseWrite()
	}()
	got := 0
	for got < total {
		runUntil(t, r, "flood", func() bool { return c.Pending() > 0 })
		if c.Pending() > 2*64*512 {
			t.Fatalf("%d bytes are kept", c.Pending())
		}
		for in := c.Input(); len(in) > 0; in = c.Input() {
			got += len(in)
			c.Consume(len(in))
		}
	}
	runUntil(t, r, "eof", func() bool { return eofs == 1 })
	if got != total || !c.EOF() || c.Err() != nil || closed != 0 {
		t.Errorf("got %d, eof %v, err %v, closed %d", got, c.EOF(), c.Err(), closed)
	}
	c.Abort()
	runUntil(t, r, "close", func() bool { return closed == 1 })
}

func TestPullKeepsInputOfAPeerThatResets(t *testing.T) {
	r := newRing(t, Config{})
	eofs, closed := 0, 0
	c, peer := pulled(t, r, &funcs{eof: func(c *Conn) { eofs++ }, close: func(c *Conn, err error) { closed++ }})
	peer.Write([]byte("last words"))
	runUntil(t, r, "data", func() bool { return c.Pending() == 10 })
	peer.SetLinger(0)
	peer.Close()
	runUntil(t, r, "failure", func() bool { return eofs == 1 })
	if c.Err() != syscall.ECONNRESET || string(c.Input()) != "last words" || closed != 0 {
		t.Errorf("err %v, input %q, closed %d", c.Err(), c.Input(), closed)
	}
	c.Write([]byte("x"))
	if c.QueuedBytes() != 0 {
		t.Error("a failed connection takes output")
	}
	c.Abort()
	runUntil(t, r, "close", func() bool { return closed == 1 })
}

type pollFunc func()

func (f pollFunc) OnReadable(*Poll) { f() }

func TestPoll(t *testing.T) {
	r := newRing(t, Config{})
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	n := 0
	var p, q Poll
	if err := r.StartPoll(&p, pair[0], pollFunc(func() { n++ })); err != nil {
		t.Fatal(err)
	}
	if err := r.StartPoll(&p, pair[0], pollFunc(func() {})); err != syscall.EBUSY {
		t.Errorf("a second start: %v", err)
	}
	r.Run0(t)
	unix.Write(pair[1], []byte("x"))
	runUntil(t, r, "readable", func() bool { return n == 1 })
	r.Run0(t)
	if n != 1 {
		t.Errorf("told %d times", n)
	}
	// One that is stopped says nothing, whenever it is stopped, and gives its slot back.
	for range 100 {
		if err := r.StartPoll(&q, pair[0], pollFunc(func() { t.Error("a stopped poll was told") })); err != nil {
			t.Fatal(err)
		}
		r.StopPoll(&q)
		if err := r.StartPoll(&p, pair[0], pollFunc(func() { n++; r.StopPoll(&q) })); err != nil {
			t.Fatal(err)
		}
		if err := r.StartPoll(&q, pair[0], pollFunc(func() { t.Error("a stopped poll was told") })); err != nil {
			t.Fatal(err)
		}
		before := n
		runUntil(t, r, "readable", func() bool { return n > before })
	}
	runUntil(t, r, "slots", func() bool { return len(r.pollFree) == len(r.polls) })
	if len(r.polls) > 8 {
		t.Errorf("%d slots", len(r.polls))
	}
	unix.Close(pair[0])
}

func TestDialFrom(t *testing.T) {
	r := newRing(t, Config{})
	fd, addr := listenSocket(t)
	from := ""
	r.Listen(fd, &funcs{accept: func(c *Conn) { from = c.RemoteAddr().Addr().String() }})
	to, _ := net.ResolveTCPAddr("tcp", addr)
	_, err := r.DialFrom(&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 5}}, &unix.SockaddrInet4{Port: to.Port, Addr: [4]byte{127, 0, 0, 1}},
		connectFunc(func(c *Conn, err error) {}))
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, r, "accept", func() bool { return from != "" })
	if from != "127.0.0.5" {
		t.Errorf("from %s", from)
	}
	if _, err := r.DialFrom(&unix.SockaddrInet4{Addr: [4]byte{8, 8, 8, 8}}, &unix.SockaddrInet4{Port: to.Port}, connectFunc(nil)); err == nil {
		t.Error("a foreign address could be bound")
	}
}
