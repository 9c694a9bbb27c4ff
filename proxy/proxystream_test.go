package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// rawOrigin serves each connection by a function; it must not fail the test itself.
func rawOrigin(t testing.TB, serve func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	return serveRaw(t, net.ListenConfig{}, serve)
}

// serveRaw is rawOrigin with settings for its listener.
func serveRaw(t testing.TB, listen net.ListenConfig, serve func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(60 * time.Second))
				serve(c, bufio.NewReader(c))
			}()
		}
	}()
	return l.Addr().String()
}

// readHead reads a request's head; "" at the end.
func readHead(r *bufio.Reader) string {
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		head.WriteString(line)
		if line == "\r\n" {
			return head.String()
		}
	}
}

// TestProxyUnread has a client that doesn't read a large response: the upstream must be held, then everything arrives.
func TestProxyUnread(t *testing.T) {
	const size = 64 << 20
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if readHead(r) == "" {
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
		piece := make([]byte, 64<<10)
		for i := range piece {
			piece[i] = byte(i % 251)
		}
		for range size / len(piece) {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
	})
	b := start(t, `server { listen LISTEN; location / { proxy_pass http://`+addr+`; } }`)
	c := b.dial()
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	most := 0
	for range 50 {
		b.on(func() { most = max(most, b.w.Ring.PoolBytes()) })
		time.Sleep(5 * time.Millisecond)
	}
	if most > 4<<20 {
		t.Errorf("%d bytes wait for a client that doesn't read", most)
	}
	r := c.reply("GET")
	if len(r.body) != size {
		t.Fatalf("%d bytes", len(r.body))
	}
	for i := 0; i < size; i += 4099 {
		if r.body[i] != byte(i%(64<<10)%251) {
			t.Fatalf("byte %d is %d", i, r.body[i])
		}
	}
}

// TestProxyUploadStalls has an upstream that doesn't read: the client must be held, and the rest arrive once it does.
func TestProxyUploadStalls(t *testing.T) {
	const size = 48 << 20
	read := make(chan struct{})
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if readHead(r) == "" {
			return
		}
		<-read
		n, _ := io.Copy(io.Discard, io.LimitReader(r, size))
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%8d", n)
	})
	b := start(t, `server { listen LISTEN; client_max_body_size 0; location / { proxy_request_buffering off; proxy_http_version 1.1; proxy_pass http://`+addr+`; } }`)
	c := b.dial()
	go func() {
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", size)
		piece := make([]byte, 64<<10)
		for range size / len(piece) {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
	}()
	most := 0
	for range 60 {
		b.on(func() { most = max(most, b.w.Ring.PoolBytes()) })
		time.Sleep(5 * time.Millisecond)
	}
	if most > 4<<20 {
		t.Errorf("%d bytes wait for an upstream that doesn't read", most)
	}
	close(read)
	if r := c.reply("POST"); strings.TrimSpace(r.body) != fmt.Sprint(size) {
		t.Errorf("the upstream got %s bytes", r.body)
	}
}

// TestProxyClientLeaves closes the connection to the upstream when the client goes.
func TestProxyClientLeaves(t *testing.T) {
	gone := make(chan error, 4)
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head := readHead(r)
		if strings.Contains(head, "/body") {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
		}
		_, err := r.ReadByte()
		gone <- err
	})
	b := start(t, `server { listen LISTEN; location / { proxy_pass http://`+addr+`; } }`)
	for _, path := range []string{"/head", "/body"} {
		c := b.dial()
		c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
		if path == "/body" {
			if _, err := io.ReadFull(c.r, make([]byte, 20)); err != nil {
				t.Fatal(err)
			}
		} else {
			time.Sleep(50 * time.Millisecond)
		}
		c.Close()
		select {
		case err := <-gone:
			if err == nil {
				t.Error("the upstream got a byte")
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the connection to the upstream stays", path)
		}
	}
	if !strings.Contains(b.errorLog(), "client prematurely closed connection, so upstream connection is closed too while reading response header from upstream") {
		t.Error(b.errorLog())
	}
	b.eventually("all connections are gone", func() bool { return b.w.liveUpConns == 0 && b.w.liveConns == 0 })
}

// TestProxyReuse: connections are kept only if nothing is left on them, and a peer that closed one costs no request.
func TestProxyReuse(t *testing.T) {
	answers := map[string]string{
		"/clean":   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"/1xx":     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"/none":    "HTTP/1.1 204 None\r\n\r\n",
		"/more":    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
		"/close":   "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
	}
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for n := 0; ; n++ {
			head := readHead(r)
			if head == "" {
				return
			}
			path := strings.Fields(head)[1]
			if path == "/count" {
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%d", len(fmt.Sprint(n)), n)
				continue
			}
			io.WriteString(c, answers[path])
			if path == "/close" {
				return
			}
		}
	})
	b := start(t, `upstream u { server `+addr+`; keepalive 2; keepalive_requests 1000; } server { listen LISTEN;
		location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://u; } }`)
	c := b.dial()
	ask := func(path string) string {
		c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
		return c.reply("GET").body
	}
	for i, step := range []struct{ path, want string }{
		{"/clean", "ok"}, {"/count", "1"}, {"/chunked", "ok"}, {"/1xx", "ok"}, {"/none", ""}, {"/count", "5"},
		{"/more", "ok"}, {"/count", "0"}, {"/close", "ok"}, {"/count", "0"}, {"/count", "1"},
	} {
		if got := ask(step.path); got != step.want {
			t.Errorf("step %d, %s: %q, want %q", i, step.path, got, step.want)
		}
	}
}

// TestProxyAllocates nothing for a request over a kept connection.
func TestProxyAllocates(t *testing.T) {
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello")
		for {
			for {
				line, err := r.ReadSlice('\n')
				if err != nil {
					return
				}
				if len(line) == 2 {
					break
				}
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
	b := start(t, `upstream u { server `+addr+`; keepalive 2; keepalive_requests 1000000; } server { listen LISTEN; keepalive_requests 1000000;
		location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Real-IP $remote_addr; proxy_pass http://u; } }`)
	c := b.dial()
	request := []byte("GET /x?y HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\n\r\n")
	buf := make([]byte, 4096)
	hello := []byte("hello")
	once := func() {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Conn.Read(buf); err != nil || !bytes.HasSuffix(buf[:n], hello) {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
	for range 1000 {
		once()
	}
	// Not AllocsPerRun: with GOMAXPROCS 1 loop, client and origin wait for one another's time slices.
	const runs = 2000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		once()
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > runs/10 {
		t.Errorf("%d allocations in %d requests", n, runs)
	}
}

// TestProxyUploadsStall has 200 uploads to an upstream that doesn't read: what each holds is bounded, and the provided buffers are all with
// the kernel.
func TestProxyUploadsStall(t *testing.T) {
	const n = 200
	read := make(chan struct{})
	t.Cleanup(func() { close(read) })
	// A small window, and segments not as large as the loopback's, which have the sender's kernel keep megabytes.
	small := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) {
			err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096), syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400))
		}), err)
	}}
	addr := serveRaw(t, small, func(c net.Conn, r *bufio.Reader) {
		if readHead(r) != "" {
			<-read
		}
	})
	b := start(t, `server { listen LISTEN; client_max_body_size 0; location / { proxy_request_buffering off; proxy_http_version 1.1; proxy_pass http://`+addr+`; } }`)
	var sent atomic.Int64
	for range n {
		c := b.dial()
		c.Conn.(*net.TCPConn).SetWriteBuffer(64 << 10)
		go func() {
			fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", 64<<20)
			for piece := make([]byte, 32<<10); ; {
				k, err := c.Write(piece)
				if sent.Add(int64(k)); err != nil {
					return
				}
			}
		}()
	}
	// Unread a connection may hold 8 buffers of 4 KB, then its recv is cancelled; what the kernel fills before we hear of it is kept,
	// at most all 512. On its way out are uploadRoom and the piece that exceeded it.
	const unread = (8 + 512) * 4096
	// All of them together are far from that, though blocks of the pool are up to four times as large as what is in them.
	const each = 640 << 10
	most, lent := 0, 0
	for last, quiet := int64(-1), 0; quiet < 15; time.Sleep(20 * time.Millisecond) {
		b.on(func() {
			s := b.w.Ring.Stats()
			most, lent = max(most, s.PoolBytes), max(lent, s.BuffersInUse)
		})
		if now := sent.Load(); now == last && now > n*uploadRoom {
			quiet++
		} else {
			last, quiet = now, 0
		}
	}
	t.Logf("%d KB sent, the worker held at most %d KB and %d provided buffers", sent.Load()>>10, most>>10, lent)
	if most > n*each {
		t.Errorf("%d bytes wait, want at most %d", most, n*each)
	}
	b.on(func() {
		s := b.w.Ring.Stats()
		if s.BuffersInUse > 8 || s.Conns != 2*n {
			t.Errorf("%d connections, %d provided buffers in use", s.Conns, s.BuffersInUse)
		}
		b.w.eachConn(func(cn *conn) {
			if p := cn.req.up; cn.c.Pending() > unread || p.uc.c.QueuedBytes() > uploadRoom+unread {
				t.Errorf("a connection holds %d bytes unread and %d unsent, want at most %d and %d", cn.c.Pending(), p.uc.c.QueuedBytes(), unread, uploadRoom+unread)
			}
		})
	})
}
