package appliance

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/proxy"
	"moonring/proxy/conf"
)

// slowServer has a page that takes its time, and one that never yields.
const slowServer = `server {
	listen 127.0.0.1:@PORT@;
	location / { return 200 "ok\n"; }
	location /slow { content_by_lua_block { ngx.log(ngx.NOTICE, "/slow is under way") ngx.sleep(tonumber(ngx.var.arg_s)) ngx.say("slept") } }
	location /stuck { lua_cpu_budget 0; content_by_lua_block { ngx.log(ngx.NOTICE, "/stuck is under way") while true do end } }
}`

// ask sends a request to slowServer and returns once it is under way; the channel gives the answer's body, or the error, when it has come.
func (s *site) ask(path string) <-chan string {
	s.t.Helper()
	c := s.dial()
	answer := make(chan string, 1)
	go func() {
		defer c.Close()
		_, body, err := getOn(c, bufio.NewReader(c), path)
		if err != nil {
			body = err.Error()
		}
		answer <- body
	}()
	name, _, _ := strings.Cut(path, "?")
	eventually(s.t, path+" is under way", func() bool { return strings.Contains(s.read("logs/error.log"), name+" is under way") })
	return answer
}

func TestQuitFinishesRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, slowServer)
	i := s.start()
	answer := s.ask("/slow?s=0.5")
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := <-answer; got != "slept\n" {
		t.Errorf("the request under way got %q", got)
	}
}

func TestShutdownTimeout(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf+"worker_shutdown_timeout 300ms;", slowServer)
	i := s.start()
	s.ask("/slow?s=30")
	began := time.Now()
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took < 250*time.Millisecond || took > 3*time.Second {
		t.Errorf("the server ended after %v, worker_shutdown_timeout is 300ms", took)
	}
}

// TestStuckWorker holds that a worker whose loop doesn't turn ends all the same.
func TestStuckWorker(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", slowServer)
	i := s.start()
	w := children(t, i.cmd.Process.Pid)[0]
	s.ask("/stuck")
	began := time.Now()
	i.signal(unix.SIGTERM)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > stopPatience+2*time.Second {
		t.Errorf("the server ended after %v", took)
	}
	if !gone(w) {
		t.Error("the worker is still there")
	}
	if log := s.read("logs/error.log"); !strings.Contains(log, fmt.Sprintf("[alert] %d#%d: worker process %d does not stop, killed\n", i.cmd.Process.Pid, i.cmd.Process.Pid, w)) {
		t.Errorf("log:\n%s", log)
	}
}

func TestPanicIsLogged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	fd, err := proxy.OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	log := &logger{outs: []logOut{{fd, conf.Err}}, terminal: -1}
	if code := guard(log, func() int { panic("eclipse") }); code != exitPanic {
		t.Errorf("exit code %d, want %d", code, exitPanic)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !logLine.Match(text) || !strings.Contains(string(text), "[alert] ") || !strings.Contains(string(text), ": panic: eclipse\ngoroutine ") ||
		!strings.Contains(string(text), "TestPanicIsLogged") {
		t.Errorf("log:\n%s", text)
	}
}
