package api

import (
	"strings"
	"testing"
	"time"
)

// waitLog waits until the log holds text.
func (s *server) waitLog(text string) bool {
	for range 100 {
		if strings.Contains(s.log(), text) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func TestDebugLog(t *testing.T) {
	s := serve(t, strings.Replace(runner, "error.log info", "error.log debug", 1))
	for _, test := range []struct{ target, code, want string }{
		{"/t?a=1", `ngx.sleep(0.001)`, "lua ready to sleep for 1 ms"},
		{"/u?a=1", `ngx.sleep(0.001)`, `lua sleep timer expired: "/u?a=1"`},
		{"/t", `ngx.ctx.x = 1`, "lua release ngx.ctx at ref "},
		{"/t", `ngx.decode_args("a=1&b=2&c=3", 2)`, "lua hit query args limit 2"},
		{"/t?a&b&c&d", `ngx.req.get_uri_args(3)`, "lua hit query args limit 3"},
		{"/t", `ngx.req.get_headers(1)`, "lua exceeding request header limit 2 > 1"},
		{"/t", `ngx.header.a, ngx.header.b = 1, 2 ngx.resp.get_headers(2)`, "lua exceeding response header limit 3 > 2"},
		{"/content", ``, `lua content handler, uri:"/content" c:1`},
		{"/access", ``, `lua access handler, uri:"/access" c:1`},
		{"/content", ``, `lua log handler, uri:"/content"`},
		{"/t", `ngx.timer.at(0, function() end)`, "lua ngx.timer expired"},
		{"/t", `ngx.timer.at(0, function() end)`, "http lua close fake http connection"},
		{"/t", `ngx.log(ngx.DEBUG, "hello")`, "t:1: hello\n"}, // without context
	} {
		if strings.Contains(s.log(), test.want) && !strings.Contains(test.want, "handler") {
			continue // an earlier one has had it
		}
		s.do("GET", test.target, test.code)
		if !s.waitLog(test.want) {
			t.Errorf("%s: no %q in\n%s", test.code, test.want, s.log())
		}
	}
	s.do("1.0 GET", "/t", `ngx.say("x") ngx.flush()`)
	if !s.waitLog("lua http 1.0 buffering makes ngx.flush() a no-op") || !s.waitLog("lua buffering output bufs for the HTTP 1.0 request") {
		t.Error(s.log())
	}
	// A yield is no sleep.
	quiet := serve(t, strings.Replace(runner, "error.log info", "error.log debug", 1))
	quiet.do("GET", "/t", `coroutine.yield()`)
	if strings.Contains(quiet.log(), "sleep") {
		t.Error(quiet.log())
	}
}
