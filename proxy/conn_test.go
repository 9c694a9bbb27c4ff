package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unsafe"
)

const simple = `server { listen LISTEN; default_type text/plain;
	location = /hi { return 200 "hi"; }
	location = /sleep { content_by_lua 'sleep(tonumber(var("arg_s"))) say("slept")'; }
	location = /body { content_by_lua 'body() local b = get_body() say(#b, ":", b:sub(1, 20))'; }
	location = /lazy { content_by_lua 'say("lazy")'; }
	location = /big { content_by_lua 'local s = ("x"):rep(100000) for i = 1, 50 do echo(s) end'; }
}`

func TestPipelining(t *testing.T) {
	b := start(t, simple)
	c := b.dial()
	c.send(get("/hi") + get("/sleep?s=0.02") + post("/body", "abc") + get("/hi") + post("/lazy", "unread") + get("/lazy"))
	c.want("GET", 200, "hi")
	c.want("GET", 200, "slept\n")
	c.want("POST", 200, "3:abc\n")
	c.want("GET", 200, "hi")
	c.want("POST", 200, "lazy\n")
	c.want("GET", 200, "lazy\n")
}

func TestPipelinedBytewise(t *testing.T) {
	b := start(t, simple)
	c := b.dial()
	c.Conn.(*net.TCPConn).SetNoDelay(true)
	for _, ch := range []byte(get("/hi") + post("/body", "abc") + "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n" + get("/lazy")) {
		c.send(string(ch))
	}
	c.want("GET", 200, "hi")
	c.want("POST", 200, "3:abc\n")
	c.want("POST", 200, "3:xyz\n")
	c.want("GET", 200, "lazy\n")
}

// A flood of requests from a client that reads nothing must not pile up output.
func TestPipelinedFloodIsHeldBack(t *testing.T) {
	b := start(t, simple)
	c := b.dial()
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		for {
			if _, err := io.WriteString(c, get("/big")); err != nil {
				return
			}
		}
	}()
	<-stop
	b.on(func() {
		if n := b.w.Ring.Stats().PoolBytes; n > 24<<20 {
			t.Errorf("%d bytes of output wait for one client", n)
		}
	})
	c.SetDeadline(time.Now().Add(60 * time.Second))
	for range 3 {
		if r := c.reply("GET"); len(r.body) != 5000000 {
			t.Fatalf("%d bytes", len(r.body))
		}
	}
}

func TestHalfClose(t *testing.T) {
	for name, requests := range map[string]string{
		"idle":                    "",
		"after one":               get("/hi"),
		"while one runs":          get("/sleep?s=0.02"),
		"with more behind":        get("/sleep?s=0.02") + get("/hi"),
		"after a body":            post("/body", "abc"),
		"behind an unread body":   post("/lazy", "abc"),
		"large response":          get("/big"),
		"sleeping behind another": get("/hi") + get("/sleep?s=0.01") + get("/sleep?s=0.01"),
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, simple)
			c := b.dial()
			c.send(requests)
			c.Conn.(*net.TCPConn).CloseWrite()
			for range strings.Count(requests, " HTTP/1.1") {
				if r := c.reply("GET"); r.StatusCode != 200 {
					t.Errorf("status %d", r.StatusCode)
				}
			}
			c.closed()
			b.eventually("no connections", func() bool { return b.w.liveConns == 0 && b.w.Ring.Stats().Conns == 0 })
		})
	}
}

func TestUnfinishedRequestsEndWithTheirClient(t *testing.T) {
	for name, request := range map[string]string{
		"in the head":     "GET /hi HTTP/1.1\r\nHost",
		"empty lines":     "\r\n\r\n",
		"in the body":     "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
		"before the body": "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
		"in a chunk":      "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
	} {
		for _, how := range []string{"half-closed", "reset"} {
			t.Run(name+", "+how, func(t *testing.T) {
				b := start(t, simple)
				c := b.dial()
				c.send(request)
				b.eventually("the server has it", func() bool { return b.w.Ring.Stats().RecvBytes == uint64(len(request)) })
				tcp := c.Conn.(*net.TCPConn)
				if how == "reset" {
					tcp.SetLinger(0)
					tcp.Close()
				} else {
					tcp.CloseWrite()
					c.closed()
				}
				b.eventually("no connections", func() bool { return b.w.liveConns == 0 && b.w.Ring.Stats().Conns == 0 })
				b.on(func() {
					if len(b.w.requests) != 1 {
						t.Errorf("%d requests in the pool, want 1", len(b.w.requests))
					}
				})
			})
		}
	}
}

func TestHandlerRunsOnAfterItsClientHasGone(t *testing.T) {
	b := start(t, `server { listen LISTEN;
		location / { content_by_lua 'sleep(0.1) say("nobody reads this") log("marker-end " .. var("remote_addr"))'; log_by_lua 'log("marker-log " .. status())'; }
	}`)
	c := b.dial()
	c.send(get("/"))
	b.eventually("it sleeps", func() bool { return b.w.Ring.Stats().RecvBytes > 0 })
	c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
	b.eventually("the request has ended", func() bool { return b.w.liveConns == 0 })
	log := b.errorLog()
	for _, want := range []string{"marker-end 127.0.0.1, client: 127.0.0.1, ", "marker-log 200 while logging request, client: 127.0.0.1"} {
		if strings.Count(log, want) != 1 {
			t.Errorf("log lacks %q once:\n%s", want, log)
		}
	}
}

func TestTimeouts(t *testing.T) {
	b := start(t, `server { listen LISTEN; default_type text/plain;
		client_header_timeout 100ms; client_body_timeout 100ms; keepalive_timeout 150ms; lingering_timeout 100ms;
		location /hi { return 200 "hi"; }
		location /body { content_by_lua 'body() say("got it")'; }
		location /lazy { content_by_lua 'say("lazy")'; }
	}`)
	for name, tt := range map[string]struct{ send, answer string }{
		"nothing sent":   {"", ""},
		"half a head":    {"GET /hi HTTP/1.1\r\nHo", ""},
		"half a body":    {"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", ""},
		"idle":           {get("/hi"), "hi"},
		"idle after Lua": {get("/lazy"), "lazy\n"},
		"a body that is dropped and doesn't come": {"POST /lazy HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", "lazy\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.dial()
			begun := time.Now()
			c.send(tt.send)
			if tt.answer != "" {
				c.want("GET", 200, tt.answer)
			}
			c.closed()
			if d := time.Since(begun); d < 90*time.Millisecond || d > 20*time.Second {
				t.Errorf("closed after %v", d)
			}
		})
	}
}

func TestSendTimeout(t *testing.T) {
	b := start(t, `server { listen LISTEN; send_timeout 100ms; keepalive_timeout 100ms;
		location = /big { content_by_lua 'local s = ("x"):rep(1000000) for i = 1, 50 do echo(s) end'; }
		location = /flush { content_by_lua 'local s = ("x"):rep(1000000) for i = 1, 50 do echo(s) if not flush() then return end end log("not reached")'; }
		location = /file { root .; }
		log_by_lua 'log("marker-logged")';
	}`)
	b.file("file", strings.Repeat("x", 30<<20))
	for _, path := range []string{"/big", "/flush", "/file"} {
		c := b.dial()
		c.send(get(path)) // and read nothing
		b.eventually("it is accepted", func() bool { return b.w.liveConns > 0 })
	}
	b.eventually("all given up", func() bool { return b.w.liveConns == 0 && b.w.Ring.Stats().Conns == 0 })
	if log := b.errorLog(); strings.Count(log, "marker-logged") != 3 || strings.Contains(log, "not reached") {
		t.Errorf("log:\n%s", log)
	}
}

func TestKeepAliveLimits(t *testing.T) {
	b := start(t, `server { listen LISTEN; keepalive_requests 3; keepalive_timeout 75s 20s; location / { return 200 "hi"; }
		location /no { keepalive_timeout 0; return 200 "no"; } }`)
	c := b.dial()
	for range 2 {
		c.send(get("/"))
		if r := c.want("GET", 200, "hi"); r.Header.Get("Connection") != "keep-alive" || r.Header.Get("Keep-Alive") != "timeout=20" {
			t.Errorf("headers %v", r.Header)
		}
	}
	c.send(get("/"))
	if r := c.want("GET", 200, "hi"); !r.Close {
		t.Errorf("headers %v", r.Header)
	}
	c.closed()
	c = b.dial()
	c.send(get("/no"))
	c.want("GET", 200, "no")
	c.closed()
}

func TestLingeringCloseSavesTheResponse(t *testing.T) {
	b := start(t, `server { listen LISTEN; client_max_body_size 10; location / { content_by_lua 'body()'; } }`)
	c := b.dial()
	c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
	go io.WriteString(c, strings.Repeat("x", 3000000))
	time.Sleep(20 * time.Millisecond)
	if r := c.reply("POST"); r.StatusCode != 413 {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestQuitAnswersWhatIsUnderWay(t *testing.T) {
	b := start(t, simple)
	idle, busy, late := b.dial(), b.dial(), b.dial()
	idle.send(get("/hi"))
	idle.want("GET", 200, "hi")
	late.send(get("/hi"))
	late.want("GET", 200, "hi")
	busy.send(get("/sleep?s=0.4"))
	b.eventually("it sleeps", func() bool { return b.w.Ring.Stats().RecvBytes > 100 })
	b.w.Quit()
	b.on(func() {})
	late.send(get("/hi")) // within the grace time
	if r := late.want("GET", 200, "hi"); !r.Close {
		t.Error("a connection is kept while quitting")
	}
	late.closed()
	idle.closed()
	if r := busy.want("GET", 200, "slept\n"); !r.Close {
		t.Error("a connection is kept while quitting")
	}
	busy.closed()
	select {
	case err := <-b.ended:
		if err != nil {
			t.Error(err)
		}
		b.ended <- nil
	case <-time.After(30 * time.Second):
		t.Fatal("the worker doesn't end")
	}
}

func TestShutdownTimeout(t *testing.T) {
	b := start(t, `worker_shutdown_timeout 100ms; error_log logs/error.log; events {} http { access_log off; server { listen LISTEN;
		location / { content_by_lua 'sleep(60)'; } } }`)
	c := b.dial()
	c.send(get("/"))
	b.eventually("it sleeps", func() bool { return b.w.Ring.Stats().RecvBytes > 0 })
	b.w.Quit()
	select {
	case err := <-b.ended:
		b.ended <- err
	case <-time.After(30 * time.Second):
		t.Fatal("the worker doesn't end")
	}
}

func TestPanicCostsOneRequest(t *testing.T) {
	b := start(t, `server { listen LISTEN; default_type text/plain;
		location = /hi { content_by_lua 'say("hi")'; }
		location = /panic { content_by_lua 'panic()'; log_by_lua 'log("marker-log")'; }
		location = /late { content_by_lua 'echo(("x"):rep(5000)) flush() panic()'; }
		location = /slept { content_by_lua 'sleep(0.01) panic()'; }
		location = /log { return 200 "fine"; log_by_lua 'panic()'; }
	}`)
	other := b.dial()
	for path, status := range map[string]int{"/panic": 500, "/slept": 500, "/late": 0, "/log": 0} {
		c := b.dial()
		c.send(get(path))
		if status == 0 {
			io.ReadAll(c.r) // cut off
		} else if r := c.reply("GET"); r.StatusCode != status {
			t.Errorf("%s: status %d", path, r.StatusCode)
		}
		c.closed()
		other.send(get("/hi"))
		other.want("GET", 200, "hi\n")
	}
	log := b.errorLog()
	if n := strings.Count(log, "[alert]"); n != 4 || !strings.Contains(log, "panic: a bug of ours\n") || !strings.Contains(log, "helper_test.go:") {
		t.Errorf("%d alerts:\n%s", n, log)
	}
	if strings.Count(log, "marker-log") != 1 {
		t.Error("the log phase did not run once")
	}
	b.eventually("one connection", func() bool { return b.w.liveConns == 1 })
}

// nginx needs 530 to 1,480 bytes for an idle connection, ring's Conn of up to 256 bytes is the rest of ours.
func TestIdleConnectionIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(conn{}); n > 160 {
		t.Errorf("a conn has %d bytes", n)
	}
	b := start(t, simple)
	var all []*client
	for range 200 {
		c := b.dial()
		c.send(get("/hi"))
		c.want("GET", 200, "hi")
		all = append(all, c)
	}
	b.on(func() {
		s := b.w.Ring.Stats()
		if s.Conns != 200 || s.PoolBytes != 0 || s.BuffersInUse > 1 || len(b.w.requests) != 1 {
			t.Errorf("200 idle connections: %+v, %d requests", s, len(b.w.requests))
		}
	})
	_ = fmt.Sprint(len(all))
}

// TestPipelinedBehindUnreadBody: a body that a handler has not read when it answers is dropped before the next request, though it is here already and
// nothing else comes, and also when the client has half-closed.
func TestPipelinedBehindUnreadBody(t *testing.T) {
	reset := make(chan struct{}, 4)
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if readHead(r) != "" {
			<-reset
			c.(*net.TCPConn).SetLinger(0)
		}
	})
	b := start(t, `server { listen LISTEN; client_max_body_size 0;
		location /late { content_by_lua 'sleep(0.05) say("late")'; }
		location /up { proxy_http_version 1.1; proxy_request_buffering off; proxy_ignore_client_abort on; proxy_pass http://`+addr+`; }
		location /next { return 200 next; } }`)
	for _, test := range []struct {
		path      string
		size      int
		status    int
		halfClose bool
	}{{"/late", 3000, 200, false}, {"/late", 30000, 200, false}, {"/late", 3000, 200, true}, {"/up", 100, 502, true}, {"/up", 80000, 502, false}, {"/up", 80000, 502, true}, {"/up", 8 << 20, 502, true}} {
		c := b.dial()
		c.SetDeadline(time.Now().Add(4 * time.Second)) // less than lingering_timeout
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%sGET /next HTTP/1.1\r\nHost: h\r\n\r\n", test.path, test.size, strings.Repeat("b", test.size))
			if test.halfClose {
				c.Conn.(*net.TCPConn).CloseWrite()
			}
		}()
		time.Sleep(30 * time.Millisecond)
		if test.path == "/up" {
			reset <- struct{}{}
		}
		if r := c.reply("POST"); r.StatusCode != test.status {
			t.Errorf("%+v: status %d", test, r.StatusCode)
		}
		if r := c.reply("GET"); r.body != "next" {
			t.Errorf("%+v: behind it %q", test, r.body)
		}
		<-sent
	}
}
