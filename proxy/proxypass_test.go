package proxy

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// origin is an upstream that tells what it was sent, and counts connections.
type origin struct {
	*httptest.Server
	addr  string
	conns atomic.Int32
}

func newOrigin(t testing.TB, h http.HandlerFunc) *origin {
	o := &origin{}
	if h == nil {
		h = func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Origin", "yes")
			fmt.Fprintf(w, "%s %s host=%s conn=%q te=%v len=%d body=%s", r.Method, r.RequestURI, r.Host, r.Header.Get("Connection"), r.TransferEncoding, r.ContentLength, body)
		}
	}
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(c net.Conn, st http.ConnState) {
		if st == http.StateNew {
			o.conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	o.Server, o.addr = s, strings.TrimPrefix(s.URL, "http://")
	return o
}

func TestProxyPass(t *testing.T) {
	o := newOrigin(t, nil)
	b := start(t, `upstream back { server `+o.addr+`; keepalive 4; }
	server { listen LISTEN;
		location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }
		location /old/ { proxy_pass http://`+o.addr+`/new/; }
		location /var/ { proxy_pass http://`+o.addr+`$request_uri; }
	}`)
	c := b.dial()
	for i := range 20 {
		c.send(fmt.Sprintf("GET /%d?x=y HTTP/1.1\r\nHost: h\r\n\r\n", i))
		r := c.reply("GET")
		if want := fmt.Sprintf("GET /%d?x=y host=back conn=\"\" te=[] len=0 body=", i); r.body != want || r.Header.Get("X-Origin") != "yes" {
			t.Fatalf("%q, want %q", r.body, want)
		}
	}
	if n := o.conns.Load(); n != 1 {
		t.Errorf("%d connections to the upstream", n)
	}
	for range 3 {
		c.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
		if r := c.reply("POST"); !strings.Contains(r.body, "len=5 body=hello") {
			t.Fatal(r.body)
		}
		c.send("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		c.send("1\r\n!\r\n0\r\n\r\n")
		if r := c.reply("POST"); !strings.Contains(r.body, "len=6 body=hello!") {
			t.Fatal(r.body)
		}
	}
	c.send("GET /old/a%20b?c HTTP/1.1\r\nHost: h\r\n\r\n")
	if r := c.reply("GET"); !strings.HasPrefix(r.body, "GET /new/a%20b?c host="+o.addr+` conn="close"`) {
		t.Error(r.body)
	}
	c.send("GET /var/q?z HTTP/1.1\r\nHost: h\r\n\r\n")
	if r := c.reply("GET"); !strings.HasPrefix(r.body, "GET /var/q?z host="+o.addr) {
		t.Error(r.body)
	}
	c.send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n")
	if r := c.reply("HEAD"); r.StatusCode != 200 || r.body != "" {
		t.Error(r.StatusCode, r.body)
	}
}

func TestProxyFailures(t *testing.T) {
	o := newOrigin(t, nil)
	_, dead := listenClosed(t)
	b := start(t, `upstream some { server `+dead+`; server `+o.addr+`; } upstream none { server `+dead+`; server `+dead+` backup; }
	server { listen LISTEN;
		location /dead { proxy_pass http://`+dead+`; }
		location /some { proxy_pass http://some; }
		location /none { proxy_pass http://none; }
	}`)
	c := b.dial()
	ask := func(path string) reply {
		c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
		return c.reply("GET")
	}
	if r := ask("/dead"); r.StatusCode != 502 {
		t.Error(r.StatusCode)
	}
	for range 4 {
		if r := ask("/some"); r.StatusCode != 200 {
			t.Error(r.StatusCode)
		}
	}
	for range 3 {
		if r := ask("/none"); r.StatusCode != 502 {
			t.Error(r.StatusCode)
		}
	}
	log := b.errorLog()
	for _, want := range []string{
		`connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: , request: "GET /dead HTTP/1.1", upstream: "http://` + dead + `/dead", host: "h"`,
		`no live upstreams while connecting to upstream, client: 127.0.0.1, server: , request: "GET /none HTTP/1.1", upstream: "http://none/none", host: "h"`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

// listenClosed finds an address on which nobody listens.
func listenClosed(t *testing.T) (net.Listener, string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return l, l.Addr().String()
}
