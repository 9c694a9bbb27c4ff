package appliance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// initServer counts the runs of init_by_lua in a file and keeps what a file for root alone says. Its requests show and change what init left behind.
const initServer = `
init_by_lua_block {
	local f = assert(io.open("@DIR@/runs", "a")) f:write("run\n") f:close()
	f = assert(io.open("@DIR@/secret")) secret = f:read("*l") f:close()
	mod = require "mod"
	ngx.log(ngx.NOTICE, "init is ", ngx.get_phase())
	routes = {} for i = 1, 10000 do routes["/" .. i] = { name = "route " .. i } end
	at_init = tostring(routes)
}
init_worker_by_lua_block { worker_of = ngx.worker.pid() }
lua_package_path "@DIR@/private/?.lua;;";
server {
	listen 127.0.0.1:@PORT@;
	location / { return 200 "$pid\n"; }
	location /state { content_by_lua_block {
		hits = (hits or 0) + 1
		routes["/" .. hits].name = "changed"
		collectgarbage()
		ngx.print(secret, " ", mod.answer(), " ", routes["/10000"].name, " ", hits, " ", worker_of == ngx.worker.pid(), " ", at_init == tostring(routes))
	} }
}`

// TestInitRunsOnce holds that init_by_lua runs once a generation, with the master's rights, and not when a worker is replaced.
func TestInitRunsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 2;", initServer)
	s.write("secret", "blue\n")
	if err := os.Mkdir(filepath.Join(s.dir, "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("private/mod.lua", "local n = 41 return { answer = function() n = n + 1 return n end }")
	if err := os.Chmod(filepath.Join(s.dir, "secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := s.start()
	runs := func() int { return strings.Count(s.read("runs"), "run\n") }
	if n := runs(); n != 1 {
		t.Errorf("init_by_lua ran %d times at the start", n)
	}
	if log := s.read("logs/error.log"); strings.Count(log, "init is init") != 1 {
		t.Errorf("log:\n%s", log)
	}
	workers := children(t, i.cmd.Process.Pid)
	if len(workers) != 2 {
		t.Fatalf("workers %v", workers)
	}
	seen := map[string]bool{}
	for range 200 {
		_, body, err := s.get("/state")
		if err != nil {
			t.Fatal(err)
		}
		seen[body] = true
	}
	for n := 1; n <= 5; n++ { // each worker goes on from the same state, by itself
		if want := fmt.Sprintf("blue %d route 10000 %d true true", 41+n, n); !seen[want] {
			t.Errorf("no answer %q, but %v", want, seen)
		}
	}
	// On disk everything is broken now; workers that die come back all the same.
	good := s.read("nginx.conf")
	s.write("nginx.conf", "broken")
	os.Remove(filepath.Join(s.dir, "private/mod.lua"))
	os.Remove(filepath.Join(s.dir, "secret"))
	for _, w := range workers {
		unix.Kill(w, unix.SIGKILL)
	}
	eventually(t, "both workers are replaced", func() bool {
		now := children(t, i.cmd.Process.Pid)
		return len(now) == 2 && now[0] != workers[0] && now[1] != workers[1] && now[0] != workers[1] && now[1] != workers[0]
	})
	time.Sleep(300 * time.Millisecond) // see TestReloadOfABadConfiguration
	if _, body, err := s.get("/state"); err != nil || body != "blue 42 route 10000 1 true true" {
		t.Errorf("a replaced worker says %q, %v", body, err)
	}
	if n := runs(); n != 1 {
		t.Errorf("init_by_lua ran %d times after workers were replaced", n)
	}
	// A reload runs it again, once.
	s.write("nginx.conf", good)
	s.write("secret", "red\n")
	s.write("private/mod.lua", "return { answer = function() return 7 end }")
	i.signal(unix.SIGHUP)
	eventually(t, "the new generation answers", func() bool {
		_, body, err := s.get("/state")
		if err != nil {
			t.Fatal(err)
		}
		return strings.HasPrefix(body, "red 7 ")
	})
	if n := runs(); n != 2 {
		t.Errorf("init_by_lua ran %d times after a reload", n)
	}
	for _, w := range children(t, i.cmd.Process.Pid) {
		if cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", w)); strings.HasPrefix(string(cmdline), initTitle) {
			t.Errorf("the init process %d is still there", w)
		}
	}
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestEndlessInit holds that a server whose init_by_lua doesn't end can be stopped, and that a reload to such a configuration can be too.
func TestEndlessInit(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", "")
	endless := `init_by_lua_block { while true do end }`
	s.numbered(1, 1, endless)
	i := s.startOnly(s.args("-g", "daemon off;")...)
	eventually(t, "init runs", func() bool { return len(children(t, i.cmd.Process.Pid)) == 1 })
	time.Sleep(100 * time.Millisecond)
	i.signal(unix.SIGTERM)
	if code := i.wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	s.numbered(1, 1, "")
	i = s.start()
	s.numbered(2, 1, endless)
	i.signal(unix.SIGHUP)
	eventually(t, "init runs", func() bool { return len(children(t, i.cmd.Process.Pid)) == 2 })
	if _, body, err := s.get("/"); err != nil || body != "1\n" {
		t.Errorf("during init: %q, %v", body, err)
	}
	i.signal(unix.SIGTERM)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
