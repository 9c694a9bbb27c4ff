package ring

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAnswerAfterTheClientHalfClosed(t *testing.T) {
	r := newRing(t, Config{})
	fd, addr := listenSocket(t)
	var got []byte
	closed := false
	r.Listen(fd, &funcs{
		data:  func(c *Conn, p []byte) int { got = append(got, p...); return len(p) },
		eof:   func(c *Conn) { c.Write([]byte("answer")); c.CloseAfterDrain() },
		close: func(c *Conn, err error) { closed = err == nil },
	})
	answer := make(chan string, 1)
	go func() {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer c.Close()
		c.Write([]byte("question"))
		c.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(c)
		answer <- string(b)
	}()
	runUntil(t, r, "close", func() bool { return closed })
	if a := <-answer; a != "answer" || string(got) != "question" {
		t.Fatalf("client got %q, server got %q", a, got)
	}
}

func TestResetByPeer(t *testing.T) {
	for _, sending := range []bool{false, true} {
		t.Run(fmt.Sprintf("sending %v", sending), func(t *testing.T) {
			r := newRing(t, Config{})
			fd, addr := listenSocket(t)
			var closeErr error
			closed := 0
			r.Listen(fd, &funcs{
				accept: func(c *Conn) {
					if sending {
						c.WriteStatic(make([]byte, 64<<20)) // more than any socket buffer
					}
				},
				close: func(c *Conn, err error) { closed++; closeErr = err },
			})
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			runUntil(t, r, "accept", func() bool { return r.Stats().Conns == 1 })
			for range 10 {
				r.StartTimer(new(Timer), time.Millisecond, timerFunc(func() {}))
				r.Run()
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
			runUntil(t, r, "close", func() bool { return closed == 1 })
			if !errors.Is(closeErr, syscall.ECONNRESET) && !errors.Is(closeErr, syscall.EPIPE) {
				t.Fatalf("OnClose got %v", closeErr)
			}
			if s := r.Stats(); s.Conns != 0 || s.BuffersInUse != 0 || s.PoolBytes != 0 {
				t.Fatalf("left over: %+v", s)
			}
		})
	}
}

// A slow reader makes every kind of output go out in many short writes.
func TestLargeAnswerToASlowReader(t *testing.T) {
	r := newRing(t, Config{})
	fd, addr := listenSocket(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "body"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	part := make([]byte, 3<<20)
	for i := range part {
		part[i] = byte(i * 7 >> 3)
	}
	file.Write(part)
	want := sha256.New()
	for range 3 {
		want.Write(part)
	}
	closed := false
	read := make(chan struct{})
	var full Timer
	r.Listen(fd, &funcs{
		accept: func(c *Conn) {
			c.Write(part)
			c.WriteStatic(part)
			c.WriteFile(int(file.Fd()), 0, int64(len(part)))
			c.CloseAfterDrain()
			// The client reads only when the first sends have filled the socket buffers.
			r.StartTimer(&full, 20*time.Millisecond, timerFunc(func() { close(read) }))
		},
		close: func(c *Conn, err error) { closed = true },
	})
	done := make(chan error, 1)
	go func() {
		d := net.Dialer{Control: func(_, _ string, rc syscall.RawConn) error {
			return rc.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 8192) })
		}}
		c, err := d.Dial("tcp", addr)
		if err != nil {
			done <- err
			return
		}
		defer c.Close()
		<-read
		got := sha256.New()
		n, err := io.Copy(got, struct{ io.Reader }{c})
		if err == nil && (n != int64(3*len(part)) || !bytes.Equal(got.Sum(nil), want.Sum(nil))) {
			err = fmt.Errorf("%d bytes, want %d, or with another hash", n, 3*len(part))
		}
		done <- err
	}()
	runUntil(t, r, "close", func() bool { return closed })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := r.Stats(); s.ShortSends == 0 || s.PoolBytes != 0 {
		t.Fatalf("%d short sends, %d bytes of the pool left", s.ShortSends, s.PoolBytes)
	}
}

// With few small buffers, many uploads run out of them all the time and must all get through.
func TestUploadsThroughTooFewBuffers(t *testing.T) {
	r := newRing(t, Config{Buffers: 4, BufferSize: 512})
	fd, addr := listenSocket(t)
	const clients, size = 16, 300_000
	sums := map[uint64]int{}
	closed := 0
	r.Listen(fd, &funcs{
		data: func(c *Conn, p []byte) int {
			for i, b := range p {
				if b != byte((sums[c.ID()]+i)%251) {
					t.Fatalf("connection %d: wrong byte at %d", c.ID(), sums[c.ID()]+i)
				}
			}
			sums[c.ID()] += len(p)
			return len(p)
		},
		close: func(c *Conn, err error) { closed++ },
	})
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i % 251)
	}
	for range clients {
		go func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			c.Write(body)
			c.Close()
		}()
	}
	runUntil(t, r, "uploads", func() bool { return closed == clients })
	for id, n := range sums {
		if n != size {
			t.Errorf("connection %d: %d bytes of %d", id, n, size)
		}
	}
	if s := r.Stats(); s.NoBuffers == 0 || len(sums) != clients {
		t.Errorf("%d uploads, %d ENOBUFS: the test tests nothing", len(sums), s.NoBuffers)
	}
}

func TestPausedReaderPushesBackOnTheSender(t *testing.T) {
	r := newRing(t, Config{BufferSize: 1024, BuffersPerConn: 4})
	fd, addr := listenSocket(t)
	var conn *Conn
	got := 0
	r.Listen(fd, &funcs{
		accept: func(c *Conn) { conn = c; c.PauseRead() },
		data:   func(c *Conn, p []byte) int { got += len(p); return len(p) },
	})
	var sent atomic.Int64
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer c.Close()
		p := make([]byte, 64<<10)
		for sent.Load() < 64<<20 {
			n, err := c.Write(p)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}()
	for before := int64(-1); sent.Load() == 0 || sent.Load() != before; {
		before = sent.Load()
		over := false
		var tm Timer
		r.StartTimer(&tm, 50*time.Millisecond, timerFunc(func() { over = true }))
		runUntil(t, r, "50 ms", func() bool { return over })
	}
	if sent.Load() >= 64<<20 {
		t.Fatal("the sender was not held")
	}
	// The bound, and what one enter brought beyond it: the kernel makes 33 receives in a
	// row on a socket with data, up to three times before it returns.
	if p := conn.Pending(); p < 4096 || p > 4096+100*1024 {
		t.Errorf("%d bytes pending, bound is 4096", p)
	}
	if r.Stats().RecvCancels == 0 {
		t.Error("recv was not cancelled")
	}
	conn.ResumeRead()
	runUntil(t, r, "transfer", func() bool { return got >= 64<<20 })
	<-stop
}

func TestDialToALiveServerAndToNone(t *testing.T) {
	r := newRing(t, Config{})
	path := filepath.Join(t.TempDir(), "s")
	for _, network := range []string{"tcp4", "unix"} {
		addr := "127.0.0.1:0"
		if network == "unix" {
			addr = path
		}
		l, err := net.Listen(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.Copy(c, c)
			c.Close()
		}()
		var sa unix.Sockaddr = &unix.SockaddrUnix{Name: path}
		if network != "unix" {
			sa = &unix.SockaddrInet4{Port: l.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
		}
		var got []byte
		closed := false
		h := &funcs{
			connect: func(c *Conn, err error) {
				if err != nil {
					t.Fatal(err)
				}
				c.Write([]byte("hello"))
				c.ShutdownAfterDrain()
				if network == "unix" != c.IsUnix() || network != "unix" != c.RemoteAddr().IsValid() {
					t.Errorf("%s: unix %v, remote %v", network, c.IsUnix(), c.RemoteAddr())
				}
			},
			data:  func(c *Conn, p []byte) int { got = append(got, p...); return len(p) },
			close: func(c *Conn, err error) { closed = true },
		}
		if _, err := r.Dial(sa, h); err != nil {
			t.Fatal(err)
		}
		runUntil(t, r, network+" echo", func() bool { return closed })
		if string(got) != "hello" {
			t.Fatalf("%s: got %q", network, got)
		}
		l.Close()
		var refused error
		if _, err := r.Dial(sa, &funcs{connect: func(c *Conn, err error) { refused = err }}); err != nil {
			t.Fatal(err)
		}
		runUntil(t, r, network+" refusal", func() bool { return refused != nil })
		if !errors.Is(refused, syscall.ECONNREFUSED) && !errors.Is(refused, syscall.ENOENT) {
			t.Errorf("%s: %v", network, refused)
		}
	}
	if s := r.Stats(); s.Conns != 0 {
		t.Errorf("%d connections left", s.Conns)
	}
}

func TestAddresses(t *testing.T) {
	r := newRing(t, Config{})
	fd, addr := listenSocket(t)
	var conn *Conn
	r.Listen(fd, &funcs{accept: func(c *Conn) { conn = c }})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	runUntil(t, r, "accept", func() bool { return conn != nil })
	if got, want := conn.RemoteAddr(), netip.MustParseAddrPort(c.LocalAddr().String()); got != want {
		t.Errorf("remote %v, want %v", got, want)
	}
	if got, want := conn.LocalAddr(), netip.MustParseAddrPort(addr); got != want {
		t.Errorf("local %v, want %v", got, want)
	}
	if v, _ := unix.GetsockoptInt(conn.FD(), unix.IPPROTO_TCP, unix.TCP_NODELAY); v != 1 {
		t.Error("TCP_NODELAY is not inherited from the listening socket")
	}
}

func TestRealEMFILE(t *testing.T) {
	r := newRing(t, Config{AcceptPause: 20 * time.Millisecond})
	fd, addr := listenSocket(t)
	accepted, refused := 0, 0
	l, err := r.Listen(fd, &funcs{
		accept: func(c *Conn) { accepted++ },
		acceptErr: func(err error) {
			if !errors.Is(err, syscall.EMFILE) {
				t.Errorf("accept: %v", err)
			}
			refused++
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Pause()
	r.Run0(t)
	c, err := net.Dial("tcp", addr) // complete, though nobody accepts yet
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// Below the lowest free descriptor, none can be had any more. The kernel notes the limit
	// when accept is armed.
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	l.Resume()
	runUntil(t, r, "EMFILE", func() bool { return refused >= 2 })
	if accepted != 0 {
		t.Fatal("accepted beyond the limit")
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	runUntil(t, r, "accept again", func() bool { return accepted == 1 })
}

func TestReadFile(t *testing.T) {
	r := newRing(t, Config{})
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, tc := range []struct {
		fd   int
		off  int64
		want string
		err  error
	}{{int(f.Fd()), 4, "456789", nil}, {int(f.Fd()), 10, "", nil}, {-1, 0, "", syscall.EBADF}} {
		var rd FileRead
		buf := make([]byte, 100)
		done := false
		h := readFunc(func(n int, err error) {
			if string(buf[:n]) != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%+v: got %q, %v", tc, buf[:n], err)
			}
			done = true
		})
		if err := r.ReadFile(&rd, tc.fd, buf, tc.off, h); err != nil {
			t.Fatal(err)
		}
		if err := r.ReadFile(&rd, tc.fd, buf, tc.off, h); err == nil {
			t.Error("an active read was started again")
		}
		runUntil(t, r, "read", func() bool { return done })
	}
}

type readFunc func(n int, err error)

func (f readFunc) OnRead(_ *FileRead, n int, err error) { f(n, err) }

func TestPostAndWakeFromManyGoroutines(t *testing.T) {
	r := newRing(t, Config{})
	const goroutines, each = 8, 2000
	ran := make([]int, goroutines)
	total := 0
	for g := range goroutines {
		go func() {
			for i := range each {
				r.Post(func() {
					if ran[g] != i {
						t.Errorf("goroutine %d: post %d ran after %d", g, i, ran[g])
					}
					ran[g]++
					total++
				})
			}
		}()
	}
	runUntil(t, r, "posts", func() bool { return total == goroutines*each })
	// A wake-up ends a wait without a deadline.
	go func() { time.Sleep(20 * time.Millisecond); r.Wake() }()
	start := time.Now()
	for time.Since(start) < 10*time.Millisecond {
		if err := r.Run(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTimersAreOnTime(t *testing.T) {
	r := newRing(t, Config{})
	for _, d := range []time.Duration{0, time.Microsecond, 3 * time.Millisecond, 40 * time.Millisecond} {
		start, done := time.Now(), false
		r.Run0(t)
		var tm Timer
		r.StartTimer(&tm, d, timerFunc(func() { done = true }))
		from := r.Now()
		runUntil(t, r, d.String(), func() bool { return done })
		if got := time.Duration(r.Now() - from); got < d {
			t.Errorf("%v fired after %v", d, got)
		}
		if got := time.Since(start); got > d+time.Second {
			t.Errorf("%v fired after %v", d, got)
		}
	}
	if d := time.Since(r.WallTime()); d < 0 || d > time.Second {
		t.Errorf("wall clock is off by %v", d)
	}
}

// Run0 makes an iteration that doesn't wait.
func (r *Ring) Run0(t testing.TB) {
	r.Wake()
	if err := r.Run(); err != nil {
		t.Fatal(err)
	}
}

func TestCloseOfARingWithLiveConnections(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	fd, addr := listenSocket(t)
	n := 0
	r.Listen(fd, &funcs{accept: func(c *Conn) { n++; c.WriteStatic(make([]byte, 32<<20)) }})
	var clients []net.Conn
	for range 4 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	runUntil(t, r, "accepts", func() bool { return n == 4 })
	r.Run0(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the connection of a closed ring stays open")
		}
		c.Close()
	}
	r.Post(func() { t.Error("ran after Close") })
	if err := r.Run(); !errors.Is(err, ErrClosed) {
		t.Errorf("Run after Close: %v", err)
	}
}

// While data floods in, a multishot recv is always at work. A cancel must end it, and the socket must close.
func TestAbortOfAFloodedConnection(t *testing.T) {
	r := newRing(t, Config{BufferSize: 512, Buffers: 64})
	fd, addr := listenSocket(t)
	closed := 0
	got := map[uint64]int{}
	r.Listen(fd, &funcs{
		data: func(c *Conn, p []byte) int {
			if got[c.ID()] += len(p); got[c.ID()] > 100_000 {
				c.Abort()
			}
			return len(p)
		},
		close: func(c *Conn, err error) { closed++ },
	})
	const clients = 32
	errs := make(chan error, clients)
	for range clients {
		go func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				errs <- err
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(5 * time.Second))
			p := make([]byte, 64<<10)
			for err == nil {
				_, err = c.Write(p)
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				errs <- errors.New("the aborted connection is still open")
				return
			}
			errs <- nil
		}()
	}
	runUntil(t, r, "closing", func() bool { return closed == clients })
	for range clients {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

// turn has the loop turn for a millisecond.
func turn(t *testing.T, r *Ring) {
	t.Helper()
	r.StartTimer(new(Timer), time.Millisecond, timerFunc(func() {}))
	if err := r.Run(); err != nil {
		t.Fatal(err)
	}
}

// TestStopTakesWhatWaits has the kernel wake, for a connection, the one of two rings whose accept is about to be cancelled.
func TestStopTakesWhatWaits(t *testing.T) {
	old, next := newRing(t, Config{}), newRing(t, Config{})
	fd, addr := listenSocket(t)
	l, _ := old.Listen(fd, &funcs{})
	turn(t, old)
	next.Listen(fd, &funcs{})
	turn(t, next)
	for range 3 { // the ring that began to wait first is woken for each
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	l.Stop()
	runUntil(t, old, "the listener has stopped", func() bool { return !l.Active() })
	turn(t, next)
	if a, b := old.Stats().Accepts, next.Stats().Accepts; a+b != 3 {
		t.Fatalf("%d connections accepted by the ring that stopped, %d by the other, want 3 together", a, b)
	}
}

// TestRecheckTakesWhatWaits is about a ring that was woken and then died.
func TestRecheckTakesWhatWaits(t *testing.T) {
	dead, r := newRing(t, Config{}), newRing(t, Config{})
	fd, addr := listenSocket(t)
	dead.Listen(fd, &funcs{})
	turn(t, dead)
	r.Listen(fd, &funcs{})
	turn(t, r)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	turn(t, r)
	if n := r.Stats().Accepts; n != 0 {
		t.Fatalf("the ring that waits behind another accepted %d connections", n)
	}
	r.Recheck()
	turn(t, r)
	turn(t, r)
	if n := r.Stats().Accepts; n != 1 {
		t.Fatalf("after Recheck, %d connections accepted", n)
	}
}
