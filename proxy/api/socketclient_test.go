package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const clientRunner = `
error_log error.log info;
events { worker_connections 64; }
http {
    access_log off;
    lua_socket_read_timeout 2s;
    server {
        listen 127.0.0.1:@PORT@;
        location / {
            content_by_lua_block { local code = ngx.unescape_uri(ngx.var.args) assert(loadstring(code, "=t"))() }
        }
        location /abort {
            lua_check_client_abort on;
            content_by_lua_block { local code = ngx.unescape_uri(ngx.var.args) assert(loadstring(code, "=t"))() }
        }
    }
}
`

// exchange sends parts, some time apart, and returns all that comes.
func exchange(t *testing.T, s *server, parts ...string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	for i, p := range parts {
		if i > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		if p == "END" {
			c.(*net.TCPConn).CloseWrite()
			continue
		}
		io.WriteString(c, p)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("%v after %q", err, b)
	}
	return string(b)
}

func post(path, code string, headers ...string) string {
	args := strings.NewReplacer(" ", "%20", "\n", "%0A", "%", "%25", "#", "%23", "\"", "%22", "+", "%2B").Replace(code)
	return "POST " + path + "?" + args + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, "\r\n"), "\r\n")
}

func TestRequestBodyAsASocket(t *testing.T) {
	s := serve(t, clientRunner)
	body := func(answer string) string {
		t.Helper()
		r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
		if err != nil {
			t.Fatalf("%v: %q", err, answer)
		}
		b, _ := io.ReadAll(r.Body)
		return strings.TrimSpace(string(b))
	}
	const closing = "Connection: close"
	for _, c := range []struct {
		name, code, body string
		headers          []string
		want             string
	}{
		{"pieces", `local s = ngx.req.socket() ngx.say(s:receive(2)) ngx.say(s:receive()) ngx.say(s:receiveuntil("-")()) ngx.say(s:receiveany(9)) ngx.say(s:receive(1)) ngx.say(s:receive(1))`,
			"abcd\r\nxy-z", nil, "ab\ncd\nxy\nz\nnilclosed\nnilclosed"},
		{"all", `local s = ngx.req.socket() ngx.say(s:receive("*a"))`, "abc", nil, "abc"},
		{"more than there is", `local s = ngx.req.socket() ngx.say(s:receive(9))`, "abc", nil, "nilclosedabc"},
		{"left alone", `local s = ngx.req.socket() ngx.say(s:receive(1))`, "abc", nil, "a"},
		{"a table with these methods", `local s = ngx.req.socket() ngx.say(type(s), type(s[1]), s.send, s.close, s.connect, type(s:getfd())) local tcp = debug.getregistry().__tcp_cosocket_mt ngx.say(tcp.close(s)) ngx.say(pcall(tcp.send, s, "x")) ngx.say(pcall(tcp.connect, s, "127.0.0.1", 1)) ngx.say(tcp.setkeepalive(s))`, "a", nil,
			"tableuserdatanilnilnilnumber\nnilattempt to close a request socket\nfalseattempt to write to request sockets\nfalseattempt to re-connect a request socket\nnilclosed"},
		{"twice", `ngx.req.socket() ngx.say(ngx.req.socket())`, "a", nil, "nilrequest body already exists"},
		{"read before", `ngx.req.read_body() ngx.say(ngx.req.socket())`, "a", nil, "nilrequest body already exists"},
		{"discarded before", `ngx.req.discard_body() ngx.say(ngx.req.socket())`, "a", nil, "nilno body"},
		{"being discarded", `ngx.req.discard_body() ngx.say(ngx.req.socket())`, "|a", []string{"Content-Length: 1"}, "nilrequest body discarded"},
		{"bad arguments", `ngx.say(pcall(ngx.req.socket, 1, 2))`, "a", nil, "falseexpecting 0 or 1 argument, but got 2"},
		{"timeout", `local s = ngx.req.socket() s:settimeout(10) ngx.say(s:receive(2)) s:settimeout(1000) ngx.say(s:receive("*a"))`, "a|b", []string{"Content-Length: 2"}, "niltimeouta\nb"},
		{"expected", `local s = ngx.req.socket() ngx.say(s:receive("*a"))`, "a", []string{"Expect: 100-continue"}, "a"},
	} {
		parts := strings.Split(c.body, "|")
		headers := append(c.headers, closing)
		if len(parts) == 1 {
			headers = append(headers, fmt.Sprintf("Content-Length: %d", len(c.body)))
		}
		parts[0] = post("/", c.code, headers...) + parts[0]
		answer := strings.TrimPrefix(exchange(t, s, parts...), "HTTP/1.1 100 Continue\r\n\r\n")
		if got := body(answer); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	if got := body(exchange(t, s, post("/", `ngx.say(ngx.req.socket())`, closing, "Transfer-Encoding: chunked")+"0\r\n\r\n")); got != "nilchunked request bodies not supported yet" {
		t.Errorf("%q", got)
	}
	if got := body(exchange(t, s, post("/", `ngx.say(ngx.req.socket())`, closing))); got != "nilno body" {
		t.Errorf("%q", got)
	}
	if got := body(exchange(t, s, post("/", `local s = ngx.req.socket() ngx.say(s:receive(9))`, closing, "Content-Length: 9")+"abc", "END")); got != "nilclient abortedabc" {
		t.Errorf("%q", got)
	}

	// What a script leaves of a body is dropped: the next request of the connection is the next request.
	two := post("/", `ngx.req.socket():receive(1) ngx.say("one")`, "Content-Length: 40") + strings.Repeat("x", 20) + "GET /evil HTTP/1.1\r\n" + post("/", `ngx.say("two")`, closing)
	answer := exchange(t, s, two)
	if !strings.Contains(answer, "one\n") || !strings.Contains(answer, "two\n") || strings.Count(answer, "HTTP/1.1 200") != 2 {
		t.Errorf("%q", answer)
	}
}

func TestRawSockets(t *testing.T) {
	s := serve(t, clientRunner)
	for _, c := range []struct {
		name  string
		path  string
		code  string
		parts []string // behind the head
		want  string
	}{
		{"a conversation", "/", `local s = assert(ngx.req.socket(true)) s:send("hi\n") while true do local l = s:receive() if not l then break end s:send({"<", l, ">"}) end s:send("bye")`, []string{"a\n", "b\n", "END"}, "hi\n<a><b>bye"},
		{"a header before", "/", `ngx.header.x = 1 ngx.status = 101 assert(ngx.send_headers()) assert(ngx.flush(true)) local s = ngx.req.socket(true) s:send("raw")`, nil, "HTTP/1.1 101 Switching Protocols\r\n*raw"},
		{"nothing else may be said", "/", `local s = ngx.req.socket(true) local _, a = ngx.say("x") local _, b = ngx.print("x") local _, c = ngx.flush() local _, d = ngx.eof() local _, e = ngx.req.socket(true) local _, f = ngx.req.socket() s:send({a, "|", b, "|", c, "|", d, "|", e, "|", f})`, nil,
			"raw request socket acquired|raw request socket acquired|raw request socket acquired|raw request socket acquired|duplicate call|request body already exists"},
		{"a large answer", "/", `local s = ngx.req.socket(true) local n = s:send(("x"):rep(3000000)) s:send("|" .. n)`, nil, strings.Repeat("x", 3000000) + "|3000000"},
		{"two threads", "/", `local s = ngx.req.socket(true) local w = ngx.thread.spawn(function() for i = 1, 3 do ngx.sleep(0.005) s:send(i) end end) local l = s:receive() ngx.thread.wait(w) s:send(l)`, []string{"line\n"}, "123line"},
		{"an error ends it", "/", `local s = ngx.req.socket(true) s:send("x") error("oops")`, nil, "x"},
		{"the client leaves", "/abort", `local s = ngx.req.socket(true) local l, e = s:receive() ngx.log(ngx.ERR, "receive: ", e) s:send("end")`, []string{"END"}, "end"},
	} {
		parts := append([]string{post(c.path, c.code)}, c.parts...)
		got := exchange(t, s, parts...)
		if before, after, ok := strings.Cut(c.want, "*"); ok {
			if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
				t.Errorf("%s: %q", c.name, got)
			}
		} else if got != c.want {
			t.Errorf("%s: %.200q", c.name, got)
		}
	}
	if log := s.log(); !strings.Contains(log, "receive: client aborted") || !strings.Contains(log, "t:1: oops") || strings.Contains(log, "panic") {
		t.Error(log)
	}
}
