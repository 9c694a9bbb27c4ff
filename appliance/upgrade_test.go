package appliance

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// load has clients make requests on kept connections, most of them with pauses. No connection and no request may fail; an answer with "Connection:
// close" makes a client connect anew. The function that is returned ends it.
func (s *site) load(clients int) (stop func() (requests, closed int64)) {
	var end atomic.Bool
	var requests, closed atomic.Int64
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			think := rand.New(rand.NewPCG(1, uint64(n)))
			for !end.Load() {
				c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.port), 5*time.Second)
				if err != nil {
					s.t.Errorf("connect: %v", err)
					return
				}
				r := bufio.NewReader(c)
				for !end.Load() {
					c.SetDeadline(time.Now().Add(10 * time.Second))
					fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
					resp, err := http.ReadResponse(r, nil)
					if err == nil {
						_, err = io.ReadAll(resp.Body)
					}
					if err != nil || resp.StatusCode != 200 {
						s.t.Errorf("request: %v", err)
						break
					}
					requests.Add(1)
					if resp.Close {
						closed.Add(1)
						break
					}
					if n%4 > 0 { // the others never rest
						time.Sleep(time.Duration(think.IntN(2000)) * time.Millisecond)
					}
				}
				c.Close()
			}
		})
	}
	stop = func() (int64, int64) {
		end.Store(true)
		wg.Wait()
		return requests.Load(), closed.Load()
	}
	s.t.Cleanup(func() { stop() })
	return stop
}

// daemon starts binary as a daemon and returns the master's process id.
func (s *site) daemon(binary string) int {
	s.t.Helper()
	cmd := exec.Command(binary, s.args()...)
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%v\n%s", err, s.read("logs/error.log"))
	}
	pid := daemonPID(s)
	s.t.Cleanup(func() { syscall.Kill(-pid, syscall.SIGKILL) }) // those who follow are in its session
	return pid
}

// pidIn reads a pid file; 0 if it isn't there.
func (s *site) pidIn(name string) int {
	pid, _ := strconv.Atoi(strings.TrimSpace(s.read(name)))
	return pid
}

func (s *site) wants(log ...string) {
	s.t.Helper()
	text := s.read("logs/error.log")
	for _, want := range log {
		if !strings.Contains(text, want) {
			s.t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
}

// TestUpgrade changes the binary under load, takes the change back, and changes it for good.
func TestUpgrade(t *testing.T) {
	t.Setenv(inheritVariable, "/usr/sbin/nginx") // the user's own is not in the way
	s := newSite(t, idleConf, pidServer+" server { listen unix:@DIR@/sock; }")
	old := s.daemon(program)
	stop := s.load(24)
	workers := children(t, old)

	change := func() (heir int, heirs []int) {
		t.Helper()
		unix.Kill(old, unix.SIGUSR2)
		eventually(t, "the new binary has workers", func() bool {
			heir = s.pidIn("logs/nginx.pid")
			if heir == 0 || heir == old {
				return false
			}
			heirs = children(t, heir)
			return len(heirs) == 2
		})
		for _, w := range heirs { // confinement is the last thing before a worker serves
			eventually(t, "its workers are ready", func() bool { return procStatus(t, w, "Seccomp") == "2" })
		}
		if got := s.pidIn("logs/nginx.pid.oldbin"); got != old {
			t.Fatalf("nginx.pid.oldbin has %d, want %d", got, old)
		}
		return heir, heirs
	}
	allGone := func(what string, pids []int) {
		t.Helper()
		for _, pid := range pids {
			eventually(t, what, func() bool { return gone(pid) })
		}
	}

	heir, heirs := change()
	unix.Kill(old, unix.SIGUSR2)
	unix.Kill(heir, unix.SIGUSR2)
	unix.Kill(old, unix.SIGWINCH)
	allGone("the old workers end", workers)
	unix.Kill(old, unix.SIGHUP) // back again
	eventually(t, "the old master has workers again", func() bool { return len(children(t, old)) == 3 })
	unix.Kill(heir, unix.SIGQUIT)
	allGone("the new binary ends", append(heirs, heir))
	eventually(t, "the pid file has its name again", func() bool { return s.pidIn("logs/nginx.pid") == old && s.pidIn("logs/nginx.pid.oldbin") == 0 })

	workers = children(t, old)
	heir, heirs = change()
	unix.Kill(old, unix.SIGQUIT)
	allGone("the old server ends", append(workers, old))
	if got := s.pidIn("logs/nginx.pid"); got != heir || s.pidIn("logs/nginx.pid.oldbin") != 0 {
		t.Errorf("the pid file has %d, want %d; %d in nginx.pid.oldbin", got, heir, s.pidIn("logs/nginx.pid.oldbin"))
	}
	if c, err := net.Dial("unix", s.dir+"/sock"); err != nil {
		t.Errorf("the unix socket: %v", err)
	} else {
		c.Close()
	}
	requests, closed := stop()
	t.Logf("%d requests, %d connections closed by drain", requests, closed)
	if closed == 0 || requests < 1000 {
		t.Errorf("%d requests, %d connections closed by drain", requests, closed)
	}
	s.wants("signal 12 (SIGUSR2) received, changing binary\n", "changing binary\n", fmt.Sprintf("start new binary process %d\n", heir), "using inherited sockets from \"3;4;5;\"\n",
		"signal 12 (SIGUSR2) received, ignoring\n", fmt.Sprintf("[crit] %d#%d: the changing binary signal is ignored: you should shutdown or terminate before either old or new binary's process\n", old, old))
	if log := s.read("logs/error.log"); strings.Contains(log, "[alert]") || strings.Contains(log, "[emerg]") || strings.Count(log, "the changing binary signal is ignored: ") != 2 {
		t.Errorf("log:\n%s", log)
	}
	// The new one is a full master: it can be changed in turn.
	old, workers = heir, heirs
	heir, heirs = change()
	unix.Kill(old, unix.SIGQUIT)
	allGone("the second server ends", append(workers, old))
	eventually(t, "its heir is alone", func() bool { return procStatus(t, heir, "PPid") != strconv.Itoa(old) })
	unix.Kill(heir, unix.SIGTERM)
	allGone("the third server ends", append(heirs, heir))
	for _, name := range []string{"sock", "logs/nginx.pid"} {
		if _, err := os.Stat(filepath.Join(s.dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUpgradeThatFails holds that a new binary which doesn't start changes nothing.
func TestUpgradeThatFails(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, pidServer)
	good := s.read("nginx.conf")
	binary := filepath.Join(s.dir, "server")
	install := func(text []byte, mode os.FileMode) {
		os.Remove(binary)
		if err := os.WriteFile(binary, text, mode); err != nil {
			t.Fatal(err)
		}
	}
	image, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	install(image, 0o755)
	master := s.daemon(binary)
	workers := children(t, master)
	stop := s.load(8)
	for _, test := range []struct {
		name string
		prep func()
		want string
	}{
		{"can't be executed", func() { install(nil, 0o644) }, fmt.Sprintf("[alert] %d#%d: execve() failed while executing new binary process %q (13: Permission denied)\n", master, master, binary)},
		{"ends at once", func() { install([]byte("#!/bin/sh\nexit 7\n"), 0o755) }, " exited with code 7\n"},
		{"refuses the configuration", func() {
			install(image, 0o755)
			s.write("nginx.conf", "moonless on;")
		}, `[emerg] unknown directive "moonless" in `},
		{"has workers that can't start", func() {
			s.write("nginx.conf", strings.Replace(good, "http {", `http { init_by_lua_block { error("no moon tonight") }`, 1))
		}, "no moon tonight"},
	} {
		test.prep()
		unix.Kill(master, unix.SIGUSR2)
		eventually(t, "the log has "+test.want, func() bool { return strings.Contains(s.read("logs/error.log"), test.want) })
		eventually(t, "a binary that "+test.name+" has gone", func() bool { return fmt.Sprint(children(t, master)) == fmt.Sprint(workers) })
		eventually(t, "the pid file is back", func() bool { return s.pidIn("logs/nginx.pid") == master && s.pidIn("logs/nginx.pid.oldbin") == 0 })
		if _, _, err := s.get("/"); err != nil {
			t.Errorf("a binary that %s: %v", test.name, err)
		}
	}
	if requests, closed := stop(); closed != 0 || requests == 0 {
		t.Errorf("%d requests, %d connections closed", requests, closed)
	}
	s.write("nginx.conf", good)
	unix.Kill(master, unix.SIGUSR2)
	eventually(t, "a good binary takes over", func() bool { pid := s.pidIn("logs/nginx.pid"); return pid != 0 && pid != master })
	heir := s.pidIn("logs/nginx.pid")
	eventually(t, "it has workers", func() bool { return len(children(t, heir)) == 2 })
	unix.Kill(heir, unix.SIGKILL)
	eventually(t, "a new binary that was killed leaves the pid file", func() bool { return s.pidIn("logs/nginx.pid") == master })
	if _, _, err := s.get("/"); err != nil {
		t.Error(err)
	}
}

func TestInheritedSockets(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
		ok   bool
	}{
		{"6;7;8;", "[6 7 8]", true}, {"6:", "[6]", true}, {"", "[]", true},
		{"6;7", "[]", false}, {"/usr/sbin/nginx", "[]", false}, {"6;x;", "[]", false}, {"-1;", "[]", false}, {"99999999999;", "[]", false},
	} {
		t.Setenv(inheritVariable, test.text)
		if fds, ok := inheritedSockets(); fmt.Sprint(fds) != test.want || ok != test.ok {
			t.Errorf("%q: %v, %v, want %s, %v", test.text, fds, ok, test.want, test.ok)
		}
	}
}
