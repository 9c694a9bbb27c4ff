package api

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// What code in a handler says, and what the log then has.
func TestThreads(t *testing.T) {
	s := serve(t, runner)
	for _, c := range []struct{ name, code, want, log string }{
		{"spawn runs first", `local t = ngx.thread.spawn(function(a, b) ngx.print(a, b) end, 1, 2) ngx.say("|", coroutine.status(t))`, "12|zombie", ""},
		{"wait gives results", `ngx.say(ngx.thread.wait(ngx.thread.spawn(function() ngx.sleep(0.001) return 1, nil, "x" end)))`, "true1nilx", ""},
		{"wait after the end", `local t = ngx.thread.spawn(function() return 1, 2 end) collectgarbage() ngx.say(ngx.thread.wait(t)) ngx.say(ngx.thread.wait(t))`, "true12\nnilalready waited or killed", ""},
		{"first to end", `local function f(d) ngx.sleep(d) return d end
			local a, b = ngx.thread.spawn(f, 0.03), ngx.thread.spawn(f, 0.001)
			ngx.say(ngx.thread.wait(a, b)) ngx.say(ngx.thread.wait(b, a)) ngx.say(ngx.thread.wait(a, b))`,
			"true0.001\ntrue0.03\nnilalready waited or killed", ""},
		{"a thread that was waited for among others wakes nobody", `local function f(d) ngx.sleep(d) return d end
			local a, b = ngx.thread.spawn(f, 0.001), ngx.thread.spawn(f, 0.01)
			ngx.say(ngx.thread.wait(a, b)) local t = ngx.now() ngx.sleep(0.05) ngx.update_time() ngx.say(ngx.now() - t > 0.04) ngx.say(ngx.thread.wait(b))`,
			"true0.001\ntrue\ntrue0.01", ""},
		{"the request waits for all", `ngx.thread.spawn(function() ngx.sleep(0.02) ngx.say("late") end) ngx.say("early")`, "early\nlate", ""},
		{"an error", `ngx.say(ngx.thread.wait(ngx.thread.spawn(function() ngx.sleep(0) error("oops-1", 0) end)))`, "falseoops-1", "lua user thread aborted: runtime error: oops-1\nstack traceback:\ncoroutine 0:"},
		{"an error with a position", `local t = ngx.thread.spawn(function() error("oops-2") end) collectgarbage() ngx.say(ngx.thread.wait(t)) ngx.say(ngx.thread.wait(ngx.thread.spawn(function() local x = nil + 1 end)))`,
			"falseoops-2t:1: oops-2\nfalset:1: attempt to perform arithmetic on a nil value", "coroutine 1:\n\t[C]: in function 'spawn'\n\tt:1: in"},
		{"an error kept", `local t = ngx.thread.spawn(function() error({ 7 }) end) collectgarbage() local ok, e = ngx.thread.wait(t) ngx.say(ok, e[1])`, "false7", "lua user thread aborted: runtime error: unknown reason"},
		{"kill", `local t = ngx.thread.spawn(function() ngx.sleep(10) end) ngx.say(coroutine.status(t), ngx.thread.kill(t)) ngx.say(coroutine.status(t)) ngx.say(ngx.thread.kill(t))`,
			"running1\ndead\nnilalready waited or killed", ""},
		{"kill a zombie", `local t = ngx.thread.spawn(function() end) ngx.say(ngx.thread.kill(t)) ngx.say(ngx.thread.kill(t))`, "nilalready terminated\nnilalready waited or killed", ""},
		{"kill what has a subrequest", `local t = ngx.thread.spawn(function() ngx.location.capture("/hello") end) ngx.say(ngx.thread.kill(t)) ngx.say(ngx.thread.wait(t))`, "nilpending subrequests\ntrue", ""},
		{"not the parent", `local t = ngx.thread.spawn(function() ngx.sleep(0.01) end)
			ngx.thread.wait(ngx.thread.spawn(function() ngx.say(ngx.thread.kill(t)) ngx.say(pcall(ngx.thread.wait, t)) end))`,
			"nilkiller not parent\nfalseonly the parent coroutine can wait on the thread", ""},
		{"no thread", `local co = coroutine.create(function() end) ngx.say(ngx.thread.kill(co)) ngx.say(pcall(ngx.thread.wait, co)) ngx.say(pcall(ngx.thread.wait)) ngx.say(pcall(ngx.thread.wait, 1))`,
			"nilnot user thread\nfalseattempt to wait on a coroutine that is not a user thread\nfalseat least one coroutine should be specified\nfalsebad argument #1 to '?' (lua thread expected)", ""},
		{"resumed", `local t = ngx.thread.spawn(function() ngx.sleep(0.001) end) ngx.say(coroutine.resume(t)) ngx.thread.wait(t) t = ngx.thread.spawn(function() end) ngx.say(coroutine.resume(t))`,
			"falsecannot resume running coroutine\nfalsecannot resume zombie coroutine", ""},
		{"yields take turns", `local function f(n) for i = 1, 3 do ngx.print(n, i, " ") coroutine.yield() end end ngx.thread.spawn(f, "a") ngx.thread.spawn(f, "b")`,
			"a1 b1 a2 b2 a3 b3", ""},
		{"a coroutine is the parent", `local co = coroutine.wrap(function() local t = ngx.thread.spawn(function() ngx.sleep(0.001) return "c" end) coroutine.yield(t) return ngx.thread.wait(t) end)
			local t = co() ngx.say(pcall(ngx.thread.wait, t)) ngx.say(co())`, "falseonly the parent coroutine can wait on the thread\ntruec", ""},
		{"a coroutine across a wait", `local co = coroutine.create(function(a) ngx.sleep(0.001) local b = coroutine.yield(a + 1) ngx.sleep(0.001) return b .. "!" end)
			ngx.say(coroutine.resume(co, 1)) ngx.say(coroutine.status(co)) ngx.say(coroutine.resume(co, "x")) ngx.say(coroutine.status(co))`, "true2\nsuspended\ntruex!\ndead", ""},
		{"exit ends all", `ngx.thread.spawn(function() ngx.sleep(0.01) ngx.say("never") end) ngx.thread.spawn(function() ngx.sleep(0.001) ngx.say("out") ngx.exit(200) end) ngx.sleep(10)`, "out", ""},
		{"exit with a subrequest", `ngx.thread.spawn(function() ngx.location.capture("/hello") end) ngx.say(pcall(ngx.exit, 200))`, "falseattempt to abort with pending subrequests", ""},
		{"subrequests in parallel", `local function f() return ngx.location.capture("/hello").body end
			local a, b = ngx.thread.spawn(f), ngx.thread.spawn(f) ngx.print(select(2, ngx.thread.wait(a)), select(2, ngx.thread.wait(b)))`, "hello\nhello", ""},
		{"many", `local n, ts = 0, {} for i = 1, 3000 do ts[i] = ngx.thread.spawn(function() ngx.sleep(0.001) n = n + 1 end) end
			for i = 1, #ts do ngx.thread.wait(ts[i]) end ngx.say(n)`, "3000", ""},
		{"deep", `local n = 0 local function f() n = n + 1 if n < 2000 then ngx.thread.spawn(f) end end f() ngx.sleep(0) ngx.say(n)`, "2000", ""},
		{"one after the other", `local n = 0 for i = 1, 3000 do local ok, v = ngx.thread.wait(ngx.thread.spawn(function() coroutine.yield() return 1 end)) n = n + v end ngx.say(n)`, "3000", ""},
		{"not within a callback", `ngx.say(pcall(string.gsub, "x", "x", function() ngx.thread.spawn(function() end) end))`, "falset:1: attempt to yield across C-call boundary", ""},
	} {
		_, body := s.do("POST", "/", c.code)
		if got := strings.TrimSpace(body); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if !strings.Contains(s.log(), c.log) {
			t.Errorf("%s: the log lacks %q:\n%s", c.name, c.log, s.log())
		}
	}
	// In a timer.
	s.do("POST", "/", `ngx.timer.at(0, function() local t = ngx.thread.spawn(function() ngx.sleep(0.001) return "tick" end) ngx.log(ngx.ERR, select(2, ngx.thread.wait(t)), "-tock") end) ngx.sleep(0.05)`)
	for i := 0; !strings.Contains(s.log(), "tick-tock"); i++ {
		if i == 200 {
			t.Fatal(s.log())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

const abortServer = `
worker_processes 1;
error_log error.log info;
events { worker_connections 64; }
http {
    log_format s "$uri $status";
    access_log access.log s;
    lua_check_client_abort on;
    server {
        listen 127.0.0.1:@PORT@;
        location = /plain { content_by_lua_block { ngx.sleep(0.05) ngx.log(ngx.ERR, "plain went on") } }
        location = /thread { access_by_lua_block { ngx.thread.spawn(function() ngx.sleep(0.05) ngx.log(ngx.ERR, "thread went on") end) ngx.sleep(5) } }
        location = /off { lua_check_client_abort off; content_by_lua_block { ngx.log(ngx.ERR, "off: ", select(2, ngx.on_abort(print))) ngx.sleep(0.05) ngx.log(ngx.ERR, "off went on") } }
        location = /on { content_by_lua_block {
            ngx.log(ngx.ERR, "on_abort: ", ngx.on_abort(function() ngx.sleep(0.001) ngx.log(ngx.ERR, "aborted") end))
            ngx.log(ngx.ERR, "again: ", select(2, ngx.on_abort(print)))
            ngx.sleep(0.05) ngx.log(ngx.ERR, "on went on")
        } }
        location = /exit { content_by_lua_block { ngx.on_abort(function() ngx.log(ngx.ERR, "exits") ngx.exit(499) end) ngx.sleep(0.05) ngx.log(ngx.ERR, "exit went on") } }
        location = /capture { content_by_lua_block { ngx.location.capture("/off") ngx.log(ngx.ERR, "capture went on") } }
        location = /hello { content_by_lua_block { ngx.say("hello") } }
    }
}`

func TestClientAbort(t *testing.T) {
	s := serve(t, abortServer)
	for _, half := range []bool{false, true} {
		for _, uri := range []string{"plain", "thread", "off", "on", "exit", "capture"} {
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", uri)
			time.Sleep(15 * time.Millisecond)
			if half {
				c.(*net.TCPConn).CloseWrite()
			} else {
				c.Close()
			}
		}
	}
	time.Sleep(200 * time.Millisecond)
	if _, body := s.do("GET", "/hello", ""); body != "hello\n" {
		t.Fatalf("%q", body)
	}
	log := s.log()
	for text, n := range map[string]int{
		"client prematurely closed connection": 10, "plain went on": 0, "thread went on": 0, "off went on": 2, "on went on": 2, "exit went on": 0, "capture went on": 0,
		"off: lua_check_client_abort is off": 4, "on_abort: 1": 2, "again: duplicate call": 2, ": aborted": 2, ": exits": 2, "panic": 0,
	} {
		if got := strings.Count(log, text); got != n {
			t.Errorf("%q is %d times in the log, want %d", text, got, n)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
	checkNoneLeft(t, s)
}

func TestSemaphores(t *testing.T) {
	s := serve(t, runner)
	const with = `local semaphore = require "ngx.semaphore" local sem = assert(semaphore.new(`
	for _, c := range []struct{ code, want string }{
		{with + `2)) ngx.say(sem:wait(1), sem:wait(0)) ngx.say(sem:count()) ngx.say(sem:wait(0)) ngx.say(sem:wait(0.001)) ngx.say(sem:post(3), sem:count())`, "truetrue\n0\nniltimeout\nfalsetimeout\ntrue3"},
		{with + `)) local t = ngx.thread.spawn(function() return sem:wait(1) end) ngx.say(sem:count()) sem:post() ngx.say(ngx.thread.wait(t)) ngx.say(sem:count())`, "-1\ntruetruenil\n0"},
		{with + `)) local t = ngx.thread.spawn(function() sem:wait(1) end) ngx.say(ngx.thread.kill(t), sem:count()) sem:post() ngx.say(sem:wait(0))`, "10\ntrue"},
		{with + `)) for i = 1, 3 do ngx.thread.spawn(function() sem:wait(1) ngx.say(i) end) end sem:post(2) ngx.sleep(0.001) ngx.say("-") sem:post()`, "1\n2\n-\n3"},
		{with + `)) for i = 1, 2 do ngx.thread.spawn(function() for k = 1, 500 do sem:wait(1) sem:post() end ngx.say(i) end) end sem:post()`, "1\n2"},
		{with + `)) ngx.timer.at(0, function() ngx.sleep(0.001) sem:post() end) ngx.say(sem:wait(2))`, "truenil"},
		{with + `1)) ngx.timer.at(0, function() assert(sem:wait(2)) assert(sem:wait(2)) sem.done = 1 end) ngx.sleep(0.002) sem:post() ngx.sleep(0.01) ngx.say(sem.done)`, "1"},
		{with + `)) ngx.say(pcall(semaphore.new, -1)) ngx.say(pcall(sem.post, sem, 0)) ngx.say(pcall(sem.wait, sem, -1)) ngx.say(pcall(sem.wait, {}, 1)) ngx.say(pcall(sem.wait, sem))`,
			"falseno negative number\nfalsepositive number required\nfalseno negative number\nfalsenot a semaphore instance\nfalseattempt to perform arithmetic on a nil value"},
		{with + `)) sem.sem[2] = 1 ngx.say(sem:count()) sem.sem[2] = -1 sem:post() sem.sem[1] = "x" ngx.say(sem:count())`, "0\n0"},
		{with + `)) local t = ngx.thread.spawn(function() sem:wait(10) end) ngx.say("out") ngx.exit(200)`, "out"},
	} {
		if _, body := s.do("POST", "/", c.code); strings.TrimSpace(body) != c.want {
			t.Errorf("%s: %q, want %q", c.code, body, c.want)
		}
	}
	// Across requests.
	done := make(chan string)
	go func() {
		_, body := s.do("POST", "/", `package.loaded.shared = require "ngx.semaphore".new() ngx.say(package.loaded.shared:wait(5))`)
		done <- body
	}()
	for i := 0; i < 200; i++ {
		if _, body := s.do("POST", "/", `local s = package.loaded.shared if s then s:post() end ngx.say(not not s)`); body == "true\n" {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if body := <-done; body != "truenil\n" {
		t.Errorf("%q", body)
	}
}
