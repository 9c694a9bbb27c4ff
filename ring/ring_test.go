package ring

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	// Go's own poller, with an eventfd, comes with the first network connection.
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	before := descriptors()
	code := m.Run()
	// Closing a ring ends its operations in the background, and they hold sockets; descriptors themselves go at once.
	if after := descriptors(); code == 0 && len(after) > len(before) {
		fmt.Fprintf(os.Stderr, "descriptors leaked:\nbefore %v\nafter %v\n", before, after)
		code = 1
	}
	os.Exit(code)
}

func descriptors() []string {
	var names []string
	ents, _ := os.ReadDir("/proc/self/fd")
	for _, e := range ents {
		if t, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.Contains(t, "eventpoll") {
			names = append(names, e.Name()+" "+t)
		}
	}
	return names
}

// newRing makes a ring for this test on this goroutine's thread.
func newRing(t testing.TB, cfg Config) *Ring {
	t.Helper()
	runtime.LockOSThread()
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		runtime.UnlockOSThread()
	})
	return r
}

// runUntil iterates until done, or fails after ten seconds.
func runUntil(t testing.TB, r *Ring, what string, done func() bool) {
	t.Helper()
	over := false
	var deadline Timer
	r.StartTimer(&deadline, 10*time.Second, timerFunc(func() { over = true }))
	defer r.StopTimer(&deadline)
	for !done() {
		if over {
			t.Fatalf("%s: not within 10 s", what)
		}
		if err := r.Run(); err != nil {
			t.Fatal(err)
		}
	}
}

type timerFunc func()

func (f timerFunc) OnTimer(*Timer) { f() }

// listenSocket makes a listening TCP socket on a free port of 127.0.0.1.
func listenSocket(t testing.TB) (fd int, addr string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 4096); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, fmt.Sprintf("127.0.0.1:%d", sa.(*unix.SockaddrInet4).Port)
}

// funcs is a Handler, AcceptHandler and ConnectHandler of functions; nil ones do the plain thing.
type funcs struct {
	accept    func(c *Conn)
	acceptErr func(err error)
	connect   func(c *Conn, err error)
	data      func(c *Conn, p []byte) int
	eof       func(c *Conn)
	drain     func(c *Conn)
	close     func(c *Conn, err error)
}

func (f *funcs) OnAccept(c *Conn) {
	c.SetHandler(f)
	if f.accept != nil {
		f.accept(c)
	}
}
func (f *funcs) OnAcceptError(err error) {
	if f.acceptErr != nil {
		f.acceptErr(err)
	}
}
func (f *funcs) OnConnect(c *Conn, err error) {
	c.SetHandler(f)
	if f.connect != nil {
		f.connect(c, err)
	}
}
func (f *funcs) OnData(c *Conn, p []byte) int {
	if f.data != nil {
		return f.data(c, p)
	}
	return len(p)
}
func (f *funcs) OnEOF(c *Conn) {
	if f.eof != nil {
		f.eof(c)
		return
	}
	c.CloseAfterDrain()
}
func (f *funcs) OnDrain(c *Conn) {
	if f.drain != nil {
		f.drain(c)
	}
}
func (f *funcs) OnClose(c *Conn, err error) {
	if f.close != nil {
		f.close(c, err)
	}
}

func TestProbe(t *testing.T) {
	if err := Probe(); err != nil {
		t.Fatal(err)
	}
}

func TestEchoOverTCP(t *testing.T) {
	r := newRing(t, Config{})
	fd, addr := listenSocket(t)
	closed := 0
	l, err := r.Listen(fd, &funcs{
		data:  func(c *Conn, p []byte) int { c.Write(p); return len(p) },
		close: func(c *Conn, err error) { closed++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	const clients, rounds = 8, 50
	errs := make(chan error, clients)
	for i := range clients {
		go func() { errs <- echoClient(addr, i, rounds) }()
	}
	runUntil(t, r, "clients close", func() bool { return closed == clients })
	for range clients {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	l.Stop()
	runUntil(t, r, "listener stops", func() bool { return !l.Active() })
	if s := r.Stats(); s.Conns != 0 || s.BuffersInUse != 0 || s.PoolBytes != 0 || s.Stale != 0 {
		t.Errorf("left over: %+v", s)
	}
}

func echoClient(addr string, id, rounds int) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, 4096)
	for i := range rounds {
		msg := fmt.Sprintf("client %d round %d %s", id, i, strings.Repeat("x", i*17))
		if _, err := c.Write([]byte(msg)); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, buf[:len(msg)]); err != nil {
			return err
		}
		if string(buf[:len(msg)]) != msg {
			return fmt.Errorf("client %d round %d: got %q", id, i, buf[:len(msg)])
		}
	}
	return nil
}
