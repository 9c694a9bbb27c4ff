package api

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOtherLength has bodies that are not as long as their header says: the client must not take the next response for the rest, nor
// the rest for the next response.
func TestOtherLength(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "0123456789")
	})}
	go func() { _ = origin.Serve(l) }()
	t.Cleanup(func() { origin.Close() })
	const filter = ` body_filter_by_lua_block { if ngx.arg[1] ~= "" then ngx.arg[1] = ngx.var.arg_to end } `
	s := serve(t, `error_log error.log info; events { } http { access_log off; server { listen 127.0.0.1:@PORT@; root .;
		location /proxy {`+filter+`proxy_pass http://`+l.Addr().String()+`; }
		location /return {`+filter+`return 200 "0123456789"; }
		location /file {`+filter+`}
		location /head { proxy_method HEAD; proxy_pass http://`+l.Addr().String()+`; }
	} }`)
	if err := os.WriteFile(filepath.Join(s.dir, "file"), []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, path := range []string{"/proxy?to=x", "/proxy?to=0123456789abcdef", "/return?to=x", "/return?to=0123456789abcdef", "/file?to=x",
		"/file?to=0123456789abcdef", "/head"} {
		c := dial()
		io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\nGET /return?to=next HTTP/1.1\r\nHost: h\r\n\r\n")
		all, err := io.ReadAll(c)
		if got := string(all); err != nil || strings.Count(got, "HTTP/1.1 200") != 1 || !strings.Contains(got, "Content-Length: 10\r\n") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	c := dial()
	r := bufio.NewReader(c)
	for _, path := range []string{"/proxy?to=abcdefghij", "/return?to=abcdefghij", "/file?to=abcdefghij"} {
		io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "abcdefghij" {
			t.Errorf("%s: %q, %v", path, body, err)
		}
	}
}
