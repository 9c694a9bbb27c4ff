package api

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

const captureServer = `
worker_processes 1;
error_log error.log info;
events { worker_connections 64; }
http {
    access_log off;
    default_type text/plain;
    lua_memory_limit 64m;
    server {
        listen 127.0.0.1:@PORT@;
        location = /hello { content_by_lua_block { ngx.say("hello") } }
        location = /capture { content_by_lua_block { ngx.print(ngx.location.capture("/hello").body) } }
        location = /multi { content_by_lua_block { local a, b = ngx.location.capture_multi { { "/hello" }, { "/hello" } } ngx.print(a.body, b.body) } }
        location = /slow { content_by_lua_block { ngx.sleep(0.03) ngx.ctx.n = 1 ngx.say("slow") } }
        location = /kill { content_by_lua_block { ngx.sleep(0.01) ngx.exit(444) } }
        location = /killed { content_by_lua_block { ngx.location.capture_multi { { "/slow" }, { "/inner" }, { "/kill" }, { "/slow" } } } }
        location = /inner { content_by_lua_block { ngx.print(ngx.location.capture("/slow").body) } }
        location = /auth_slow { auth_request /slow; content_by_lua_block { ngx.say("authorized") } }
        location = /auth_kill { auth_request /kill; content_by_lua_block { ngx.say("never") } }
        location = /auth_big { auth_request /big; content_by_lua_block { ngx.say("authorized") } }
        location = /loop { content_by_lua_block { while true do ngx.location.capture("/hello") end } }
        location = /big { content_by_lua_block { local s = ("x"):rep(1000000) for i = 1, 500 do ngx.print(s) end } }
        location = /bomb { content_by_lua_block {
            local list = {}
            for i = 1, 100 do list[i] = { "/big" } end
            local res = { ngx.location.capture_multi(list) }
            ngx.say(#res, " ", tostring(res[1].truncated))
        } }
        location = /many { content_by_lua_block {
            local list = {}
            for i = 1, 20000 do list[i] = { "/slow" } end
            ngx.say(select(2, pcall(ngx.location.capture_multi, list)))
        } }
    }
}`

// counts are what is left of subrequests on the worker.
func counts(s *server) (n [3]int) {
	done := make(chan struct{})
	s.w.Post(func() { n[0], n[1], n[2] = s.w.SubrequestStats(); close(done) })
	<-done
	return n
}

func checkNoneLeft(t *testing.T, s *server) {
	t.Helper()
	var n [3]int
	for range 100 {
		if n = counts(s); n == [3]int{} {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%v subrequests, posted and bytes are left", n)
}

// A parent that ends with subrequests under way cancels them: none is resumed in another's name.
func TestCancelledSubrequests(t *testing.T) {
	s := serve(t, captureServer)
	for range 20 {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /killed HTTP/1.1\r\nHost: test\r\n\r\n")
		if _, body := s.do("GET", "/inner", ""); body != "slow\n" {
			t.Fatalf("%q", body)
		}
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		var b [64]byte
		if n, err := c.Read(b[:]); n != 0 || err == nil || strings.Contains(err.Error(), "timeout") {
			t.Fatalf("%q %v", b[:n], err)
		}
	}
	checkNoneLeft(t, s)
}

// Subrequests of auth_request end with their request, whoever ends first, and nothing of their bodies is kept.
func TestAuthRequestsLeaveNothing(t *testing.T) {
	s := serve(t, captureServer)
	for range 20 {
		for _, path := range []string{"/auth_slow", "/auth_kill"} {
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprint(c, "GET "+path+" HTTP/1.1\r\nHost: test\r\n\r\n")
			if path == "/auth_slow" {
				c.Close()
				continue
			}
			c.SetReadDeadline(time.Now().Add(5 * time.Second))
			var b [64]byte
			if n, err := c.Read(b[:]); n != 0 || err == nil || strings.Contains(err.Error(), "timeout") {
				t.Fatalf("%q %v", b[:n], err)
			}
		}
	}
	for _, path := range []string{"/auth_slow", "/auth_big"} {
		if _, body := s.do("GET", path, ""); body != "authorized\n" {
			t.Fatalf("%s: %q", path, body)
		}
	}
	checkNoneLeft(t, s)
}

// One request that makes subrequests for ever doesn't keep the others from being served.
func TestSubrequestsLetOthersRun(t *testing.T) {
	s := serve(t, captureServer)
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /loop HTTP/1.1\r\nHost: test\r\n\r\n")
	for range 20 {
		if _, body := s.do("GET", "/capture", ""); body != "hello\n" {
			t.Fatalf("%q", body)
		}
	}
}

// Subrequests and their responses are bounded by lua_memory_limit.
func TestSubrequestsAreBounded(t *testing.T) {
	s := serve(t, captureServer)
	if resp, body := s.do("GET", "/bomb", ""); resp.StatusCode == 200 && body != "100 true\n" {
		t.Errorf("%s %q", resp.Status, body)
	}
	if !strings.Contains(s.log(), "not enough memory") {
		t.Error("50 GB were taken")
	}
	if _, body := s.do("GET", "/many", ""); !strings.Contains(body, "no memory") {
		t.Errorf("%q", body)
	}
	checkNoneLeft(t, s)
	if _, body := s.do("GET", "/multi", ""); body != "hello\nhello\n" {
		t.Errorf("%q", body)
	}
}

func TestSubrequestsAllocateNothing(t *testing.T) {
	for _, request := range []string{"/capture", "/multi"} {
		if n := allocsOf(t, captureServer, request); n > 0.05 {
			t.Errorf("%s: %v allocations a request", request, n)
		}
	}
}
