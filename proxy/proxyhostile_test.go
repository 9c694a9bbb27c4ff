package proxy

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestProxyEmptyHeader has a header without a value come together with the body.
func TestProxyEmptyHeader(t *testing.T) {
	body := strings.Repeat("x", 4000)
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for readHead(r) != "" {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nX-Empty:\r\nX-Blank: \t\r\n\r\n"+body)
		}
	})
	b := start(t, `server { listen LISTEN; location / { proxy_pass http://`+addr+`; } }`)
	c := b.dial()
	for range 3 {
		c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if r := c.reply("GET"); r.StatusCode != 200 || r.body != body {
			t.Fatalf("%d, %d bytes\n%s", r.StatusCode, len(r.body), b.errorLog())
		}
	}
}

// TestProxyRequestLine has variables and scripts put line ends into what becomes the request line.
func TestProxyRequestLine(t *testing.T) {
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head := readHead(r)
		io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n"+strings.ReplaceAll(head, "\r\n", "|"))
	})
	b := start(t, `server { listen LISTEN;
		location /uri { proxy_pass http://`+addr+`$uri; }
		location /args { set $args "x=$uri"; proxy_pass http://`+addr+`; }
		location /method { proxy_method $uri; proxy_pass http://`+addr+`/x; }
	}`)
	for path, want := range map[string]string{
		"/uri%0d%0aX-Evil:%201":     "GET /uri%0D%0AX-Evil:%201 HTTP/1.0|Host: ",
		"/uri%7f%00":                "",
		"/args%20%0aX-Evil:1":       "GET /args%20%0AX-Evil:1?x=/args%20%0AX-Evil:1 HTTP/1.0|Host: ",
		"/method%20/%20HTTP/1.0%0d": "/method%20/%20HTTP/1.0%0D /x%20/%20HTTP/1.0%0D HTTP/1.0|Host: ",
	} {
		c := b.dial()
		c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
		r := c.reply("GET")
		if want == "" && r.StatusCode != 400 || !strings.HasPrefix(r.body, want) {
			t.Errorf("%s: %d %q", path, r.StatusCode, r.body)
		}
	}
}

// TestPanicsWhileProxying has bugs of ours strike in each phase of a proxied request: nobody else notices, and nothing stays behind.
func TestPanicsWhileProxying(t *testing.T) {
	addr := rawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for head := readHead(r); head != ""; head = readHead(r) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
			time.Sleep(20 * time.Millisecond)
			io.WriteString(c, "56789")
		}
	})
	b := start(t, `upstream u { server `+addr+`; keepalive 4; }
	proxy_http_version 1.1; proxy_set_header Connection "";
	server { listen LISTEN;
		location /plain { proxy_pass http://u; }
		location /head { header_filter_by_lua_block { panic() } proxy_pass http://u; }
		location /body { body_filter_by_lua_block { panic() } proxy_pass http://u; }
		location /log { log_by_lua_block { panic() } proxy_pass http://u; }
		location /access { access_by_lua_block { panic() } proxy_pass http://u; }
		location /wait { access_by_lua_block { sleep(0.01) panic() } proxy_pass http://u; }
		location /static { body_filter_by_lua_block { panic() } return 200 "x"; }
	}`)
	for range 3 {
		for _, path := range []string{"/head", "/body", "/log", "/access", "/wait", "/static"} {
			c := b.dial()
			c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
			all, err := io.ReadAll(c.r)
			if err != nil || strings.Count(string(all), "HTTP/1.1 ") > 1 {
				t.Errorf("%s: %q, %v", path, all, err)
			}
			c = b.dial()
			c.send("GET /plain HTTP/1.1\r\nHost: h\r\n\r\n")
			if r := c.reply("GET"); r.body != "0123456789" {
				t.Fatalf("behind %s: %d %q", path, r.StatusCode, r.body)
			}
			c.Close()
		}
	}
	if n := strings.Count(b.errorLog(), "panic: a bug of ours"); n < 18 {
		t.Errorf("%d panics in the log", n)
	}
	b.eventually("connections are freed", func() bool { return b.w.liveConns == 0 && b.w.liveUpConns <= 4 })
}
