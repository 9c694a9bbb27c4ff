package appliance

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// dictServer counts requests in two dicts, and answers with the counts; init_by_lua counts itself.
const dictServer = `
lua_shared_dict a 1m; lua_shared_dict b 100k %s;
init_by_lua_block { ngx.shared.a:incr("inits", 1, 0) }
server {
    listen 127.0.0.1:@PORT@;
    location / { content_by_lua_block {
        local a, b = ngx.shared.a, ngx.shared.b
        ngx.say(a:incr("n", 1, 0), " ", b and b:incr("n", 1, 0) or "-", " ", a:get("inits"))
    } }
    location /pid { content_by_lua_block { ngx.say(ngx.worker.pid()) } }
}`

// counts is what the server answers.
func (s *site) counts() string {
	s.t.Helper()
	status, body, err := s.get("/")
	if err != nil || status != 200 {
		s.t.Fatalf("status %d, %v\n%s", status, err, s.read("logs/error.log"))
	}
	return strings.TrimSpace(body)
}

func (s *site) wantCounts(what, want string) {
	s.t.Helper()
	if got := s.counts(); got != want {
		s.t.Errorf("%s: counts %q, want %q\n%s", what, got, want, s.read("logs/error.log"))
	}
}

// TestZonesOutlive holds that dicts outlive workers, reloads, a binary upgrade and the master, and not the server.
func TestZonesOutlive(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 2;", fmt.Sprintf(dictServer, ""))
	master := s.daemon(program)
	s.wantCounts("at the start", "1 1 1")
	s.wantCounts("once more", "2 2 1")

	for _, w := range children(t, master) {
		syscall.Kill(w, unix.SIGKILL)
		eventually(t, "the worker is replaced", func() bool { n := children(t, master); return gone(w) && len(n) == 2 })
	}
	eventually(t, "they serve", func() bool { _, _, err := s.get("/pid"); return err == nil })
	s.wantCounts("after the death of all workers", "3 3 1")

	reload := func() {
		old := children(t, master)
		unix.Kill(master, unix.SIGHUP)
		eventually(t, "the old workers are gone", func() bool { return gone(old[0]) && gone(old[1]) && len(children(t, master)) == 2 })
	}
	reload()
	s.wantCounts("after a reload", "4 4 2")
	good := s.read("nginx.conf")
	s.write("nginx.conf", strings.Replace(good, "b 100k", "b 200k", 1))
	reload()
	s.wantCounts("after a reload with another size of b", "5 1 3")
	s.write("nginx.conf", strings.Replace(good, "lua_shared_dict b 100k ;", "", 1))
	reload()
	s.wantCounts("after a reload without b", "6 - 4")
	s.write("nginx.conf", good)
	reload()
	s.wantCounts("after a reload with a new b", "7 1 5")

	unix.Kill(master, unix.SIGUSR2)
	var heir int
	eventually(t, "the new binary has workers", func() bool {
		heir = s.pidIn("logs/nginx.pid")
		return heir != 0 && heir != master && len(children(t, heir)) == 2
	})
	unix.Kill(master, unix.SIGQUIT)
	eventually(t, "the old master is gone", func() bool { return gone(master) })
	eventually(t, "the new one serves", func() bool { _, _, err := s.get("/pid"); return err == nil })
	s.wantCounts("after the upgrade", "8 2 6")

	orphans := children(t, heir)
	unix.Kill(heir, unix.SIGKILL)
	eventually(t, "the master is gone", func() bool { return gone(heir) })
	master = s.daemon(program)
	for _, w := range orphans {
		eventually(t, "a worker that was taken over ends", func() bool { return gone(w) })
	}
	s.wantCounts("with a new master", "9 3 7")

	unix.Kill(master, unix.SIGTERM)
	eventually(t, "the server is gone", func() bool { return gone(master) })
	master = s.daemon(program)
	s.wantCounts("after a new start", "1 1 1")
	unix.Kill(master, unix.SIGTERM)
	eventually(t, "the server is gone", func() bool { return gone(master) })
	log := s.read("logs/error.log")
	for line := range strings.Lines(log) {
		// The kernel lets go of a dead worker's ring, and of the sockets in it, a moment after its end; binding is tried again, as in nginx.
		again := strings.Contains(line, "bind() to") && strings.Contains(line, "Address already in use")
		if strings.Contains(line, "[emerg]") && !again || strings.Contains(line, "shared dict") {
			t.Errorf("the log complains: %s\n%s", line, log)
		}
	}
}

// TestPersistentDict holds that a dict with persist= outlives the server, however that ends.
func TestPersistentDict(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 2;", fmt.Sprintf(dictServer, "persist=dict.b"))
	killAll := func(master int) {
		workers := children(t, master)
		for _, pid := range append([]int{master}, workers...) {
			syscall.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range append([]int{master}, workers...) {
			eventually(t, "the server is gone", func() bool { return gone(pid) })
		}
	}
	master := s.daemon(program)
	s.wantCounts("at the start", "1 1 1")
	unix.Kill(master, unix.SIGTERM)
	eventually(t, "the server is gone", func() bool { return gone(master) })
	master = s.daemon(program)
	s.wantCounts("after an orderly end", "1 2 1")
	if log := s.read("logs/error.log"); strings.Contains(log, "shared dict") {
		t.Errorf("the log complains:\n%s", log)
	}
	killAll(master)
	master = s.daemon(program)
	s.wantCounts("after kill -9 of everything", "1 3 1")
	s.wants(`was not closed: 1 entries recovered`)

	other := newSite(t, "", fmt.Sprintf(dictServer, "persist="+s.dir+"/dict.b"))
	if code, _, stderr := execute(t, other.args()...); code != 1 || !strings.Contains(stderr, "in use by another instance") {
		t.Errorf("another server with the same file: exit code %d, %q", code, stderr)
	}
	// A new master takes the file over with the workers.
	orphans := children(t, master)
	unix.Kill(master, unix.SIGKILL)
	eventually(t, "the master is gone", func() bool { return gone(master) })
	master = s.daemon(program)
	for _, w := range orphans {
		eventually(t, "a worker that was taken over ends", func() bool { return gone(w) })
	}
	s.wantCounts("with a new master", "2 4 2")
	unix.Kill(master, unix.SIGQUIT)
	eventually(t, "the server is gone", func() bool { return gone(master) })
	s.write("dict.b", "this is no dict")
	master = s.daemon(program)
	s.wantCounts("after damage", "1 1 1")
	s.wants(`set aside as "` + s.dir + `/dict.b.damaged-`)
	unix.Kill(master, unix.SIGTERM)
	eventually(t, "the server is gone", func() bool { return gone(master) })

	// The only process keeps it, too.
	s.write("nginx.conf", "master_process off; daemon off;\n"+s.read("nginx.conf"))
	for want := 2; want < 4; want++ {
		i := s.startOnly(s.args()...)
		eventually(t, "it serves", func() bool { _, _, err := s.get("/pid"); return err == nil })
		s.wantCounts("master_process off", fmt.Sprintf("1 %d 1", want))
		i.signal(unix.SIGTERM)
		i.wait()
	}
}

// TestWorkerDiesWithLock stops workers while they change a dict all the time: what they hold is released.
func TestWorkerDiesWithLock(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 2;", `lua_shared_dict a 100k; lua_cpu_budget 1h;
		server { listen 127.0.0.1:@PORT@;
			location / { content_by_lua_block { ngx.say(ngx.shared.a:set("k" .. math.random(9), ("x"):rep(math.random(4000)))) } }
			location /spin { content_by_lua_block {
				local a, x = ngx.shared.a, {}
				for i = 1, 50 do x[i] = ("x"):rep(i * 77) end
				local till = ngx.now() + 0.3
				repeat for i = 1, 50 do a:set("k" .. i, x[i]) end ngx.update_time() until ngx.now() > till } } }`)
	i := s.start()
	for range 3 { // the fourth short life in a row would be followed by a pause
		workers := children(t, i.cmd.Process.Pid)
		for _, w := range workers { // confinement is the last thing before a worker serves
			eventually(t, "the worker is ready", func() bool { return procStatus(t, w, "Seccomp") == "2" })
		}
		for range 2 {
			go s.get("/spin")
		}
		eventually(t, "a worker is busy", func() bool {
			return procStatus(t, workers[0], "State") == "R (running)" || procStatus(t, workers[1], "State") == "R (running)"
		})
		for _, w := range workers {
			syscall.Kill(w, unix.SIGKILL)
		}
		eventually(t, "they are replaced", func() bool { return gone(workers[0]) && gone(workers[1]) && len(children(t, i.cmd.Process.Pid)) == 2 })
		eventually(t, "the dict can be written", func() bool {
			_, body, err := s.get("/")
			return err == nil && strings.HasPrefix(body, "true")
		})
	}
	if log := s.read("logs/error.log"); strings.Contains(log, "shared memory zone") {
		t.Errorf("a lock stayed, or a zone was damaged:\n%s", log)
	}
}
