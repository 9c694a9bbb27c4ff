package api

import (
	"strings"
	"testing"
	"time"
)

// What waits when a worker quits runs at once, as premature, and exit_worker_by_lua* comes last.
func TestTimersAtTheEnd(t *testing.T) {
	text := strings.Replace(runner, "default_type text/plain;", `default_type text/plain; lua_max_pending_timers 3; lua_max_running_timers 2;
		exit_worker_by_lua_block { ngx.log(ngx.ERR, ngx.get_phase(), " ", pcall(ngx.timer.at, 0, function() end)) }`, 1)
	s := serve(t, text)
	_, body := s.do("POST", "/", `
		local function f(p, name)
			ngx.log(ngx.ERR, name, " ", p, " ", ngx.worker.exiting(), " ", select(2, ngx.timer.at(1, f or print ~= nil and function() end)))
			ngx.sleep(0.01)
			ngx.log(ngx.ERR, name, " done")
		end
		ngx.say(ngx.timer.at(100, f, "once"), ngx.timer.every(100, f, "again"), ngx.timer.at(0, function() error("now") end), (select(2, ngx.timer.at(1, f))))
		ngx.say(ngx.timer.pending_count())`)
	if body != "111too many pending timers\n3\n" {
		t.Fatalf("%q", body)
	}
	wait := func(text string) {
		t.Helper()
		for range 500 {
			if strings.Contains(s.log(), text) {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("the log lacks %q:\n%s", text, s.log())
	}
	wait("now")
	_, body = s.do("POST", "/", `
		local n, hold = 0, true
		for i = 1, 3 do ngx.timer.at(0, function() n = n + 1 while hold do ngx.sleep(0.001) end end) end
		while n == 0 do ngx.sleep(0.001) end
		ngx.say(n, " ", ngx.timer.running_count(), " ", ngx.timer.pending_count())
		hold = false
		while ngx.timer.running_count() > 0 do ngx.sleep(0.001) end`)
	if body != "1 1 2\n" { // two wait already
		t.Errorf("%q", body)
	}
	_, body = s.do("POST", "/", `
		local hold = true
		local function f() while hold do ngx.sleep(0.001) end end
		for i = 1, 2 do
			ngx.timer.at(0, f)
			while ngx.timer.running_count() < i do ngx.sleep(0.001) end
		end
		ngx.timer.at(0, function() end)
		while ngx.timer.pending_count() > 2 do ngx.sleep(0.001) end
		ngx.say(ngx.timer.running_count())
		hold = false
		while ngx.timer.running_count() > 0 do ngx.sleep(0.001) end`)
	if body != "2\n" {
		t.Errorf("%q", body)
	}
	wait("lua failed to run timer with function defined at =t:8: 2 lua_max_running_timers are not enough")
	s.w.Quit()
	wait("exit_worker falseAPI disabled in the context of exit_worker_by_lua*")
	for _, text := range []string{"once true true process exiting", "again true true process exiting", "once done", "again done"} {
		wait(text)
	}
	if log := s.log(); strings.Index(log, "exit_worker false") < strings.Index(log, "again done") {
		t.Errorf("exit_worker doesn't come last:\n%s", log)
	}
}
