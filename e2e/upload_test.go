package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const uploadsConfig = `
worker_processes 1;
http {
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_send_timeout 10m;
    server {
        listen 127.0.0.1:@PORT@;
        location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
        location = /light { content_by_lua_block { ngx.say("light") } }
        location /streamed { proxy_request_buffering off; proxy_pass http://@ORIGIN@; }
        location /spooled { proxy_pass http://@ORIGIN@; }
    }
}
`

// stalledOrigin takes connections and reads nothing from them.
type stalledOrigin struct {
	addr  string
	mu    sync.Mutex
	conns []net.Conn
}

func startStalledOrigin(t *testing.T) *stalledOrigin {
	t.Helper()
	// A small window, and segments not as large as the loopback's, which have the sender's kernel keep megabytes.
	small := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) {
			err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096), syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400))
		}), err)
	}}
	l, err := small.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &stalledOrigin{addr: l.Addr().String()}
	t.Cleanup(func() {
		l.Close()
		o.reset()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			o.mu.Lock()
			o.conns = append(o.conns, c)
			o.mu.Unlock()
		}
	}()
	return o
}

// taken is the number of connections since reset.
func (o *stalledOrigin) taken() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.conns)
}

// reset closes all connections.
func (o *stalledOrigin) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.conns {
		c.Close()
	}
	o.conns = nil
}

// uploads sends n bodies of size bytes to path, and returns when nothing moves any more. The connections are closed by stop.
func uploads(t *testing.T, addr, path string, n, size int) (stop func()) {
	t.Helper()
	var sent atomic.Int64
	var wg sync.WaitGroup
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.(*net.TCPConn).SetWriteBuffer(64 << 10)
		conns[i] = c
		wg.Go(func() {
			fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", path, size)
			piece := make([]byte, 32<<10)
			for left := size; left > 0; {
				k, err := c.Write(piece[:min(len(piece), left)])
				sent.Add(int64(k))
				if err != nil {
					return // stop has closed it
				}
				left -= k
			}
		})
	}
	for last, quiet := int64(-1), 0; quiet < 10; time.Sleep(50 * time.Millisecond) {
		if now := sent.Load(); now == last {
			quiet++
		} else {
			last, quiet = now, 0
		}
	}
	return func() {
		for _, c := range conns {
			c.Close()
		}
		wg.Wait()
	}
}

// lightP99 asks for /light again and again on one connection, and returns the 99th percentile of the time it takes.
func lightP99(t *testing.T, addr string, requests int) time.Duration {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	r := bufio.NewReader(c)
	took := make([]time.Duration, requests)
	for i := range took {
		from := time.Now()
		io.WriteString(c, "GET /light HTTP/1.1\r\nHost: h\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "light\n" {
			t.Fatalf("%q, %v", body, err)
		}
		took[i] = time.Since(from)
	}
	slices.Sort(took)
	return took[requests*99/100]
}

// TestStalledUploads: 200 uploads to an upstream that doesn't read cost others no time, and the worker no more memory than what a connection
// may hold: see TestProxyUploadsStall in package proxy. Whether they stream or go to files first.
func TestStalledUploads(t *testing.T) {
	const n = 200
	origin := startStalledOrigin(t)
	s := start(t, strings.ReplaceAll(uploadsConfig, "@ORIGIN@", origin.addr), "")
	_, body := get(t, http.DefaultClient, "http://"+s.addr+"/pid")
	worker, err := strconv.Atoi(body)
	if err != nil {
		t.Fatal(body)
	}
	lightP99(t, s.addr, 1000)
	bound := func(without time.Duration) time.Duration { return without*3/2 + time.Millisecond/2 }
	for _, path := range []string{"/streamed", "/spooled"} {
		var without, with []time.Duration
		before, most := residentKB(t, worker), 0
		var a, b time.Duration
		// The machine has others to serve, too: the best of the rounds is what the server takes, and there are more of them while it is busy.
		for range 8 {
			without = append(without, lightP99(t, s.addr, 500))
			stop := uploads(t, s.addr, path, n, 2<<20)
			for i := 0; origin.taken() < n && i < 500; i++ { // the last of what was spooled may still be on its way
				time.Sleep(10 * time.Millisecond)
			}
			if got := origin.taken(); got != n {
				t.Errorf("%s: the upstream has %d connections, want %d", path, got, n)
			}
			with = append(with, lightP99(t, s.addr, 500))
			most = max(most, residentKB(t, worker))
			origin.reset() // first: a client that isn't read is not seen to go
			stop()
			time.Sleep(100 * time.Millisecond)
			if a, b = slices.Min(without), slices.Min(with); len(with) >= 2 && b <= bound(a) {
				break
			}
		}
		t.Logf("%s: p99 %v without, %v with %d uploads (%.2f); all: %v, %v; the worker has %d KB more", path, a, b, n, float64(b)/float64(a), without, with, most-before)
		if b > bound(a) {
			t.Errorf("%s: the p99 of others is %v, %v without uploads", path, b, a)
		}
		if limit := n*400 + 8192; most-before > limit {
			t.Errorf("%s: the worker has grown by %d KB, want at most %d", path, most-before, limit)
		}
	}
}

// residentKB is what a process occupies.
func residentKB(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			return kb
		}
	}
	t.Fatalf("no VmRSS of %d", pid)
	return 0
}
