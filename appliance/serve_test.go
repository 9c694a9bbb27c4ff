package appliance

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var (
	logLine  = regexp.MustCompile(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(emerg|alert|crit|error|warn|notice|info|debug)\] \d+#\d+: (\*\d+ )?\S`)
	idleConf = "worker_processes 2;"
)

func TestSignalsThatEndTheServer(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGQUIT, unix.SIGTERM, unix.SIGINT} {
		t.Run(unix.SignalName(sig), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, idleConf, pidServer)
			i := s.start()
			if pid := daemonPID(s); pid != i.cmd.Process.Pid {
				t.Errorf("pid file has %d, the master is %d", pid, i.cmd.Process.Pid)
			}
			workers := children(t, i.cmd.Process.Pid)
			if len(workers) != 2 {
				t.Errorf("workers %v, want 2", workers)
			}
			// An idle connection must not keep a worker.
			c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, _, err := getOn(c, bufio.NewReader(c), "/"); err != nil {
				t.Fatal(err)
			}
			i.signal(sig)
			if code := i.wait(); code != 0 {
				t.Errorf("exit code %d, output %s", code, i.output.String())
			}
			for _, w := range workers {
				if !gone(w) {
					t.Errorf("worker %d is still there", w)
				}
			}
			if _, err := os.Stat(filepath.Join(s.dir, "logs/nginx.pid")); !os.IsNotExist(err) {
				t.Errorf("pid file: %v", err)
			}
			log := s.read("logs/error.log")
			for line := range strings.Lines(log) {
				if !logLine.MatchString(line) {
					t.Errorf("log line %q", line)
				}
				if strings.Contains(line, "[alert]") {
					t.Errorf("log line %q: nothing was wrong", line)
				}
			}
			if want := fmt.Sprintf("signal %d (%s) received", sig, unix.SignalName(sig)); !strings.Contains(log, want) {
				t.Errorf("log lacks %q:\n%s", want, log)
			}
		})
	}
}

func TestDaemon(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, pidServer)
	code, stdout, stderr := execute(t, s.args()...)
	if code != 0 || stdout != "" || stderr != "" {
		t.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	// Already serving: not a single attempt may fail.
	if _, _, err := s.get("/"); err != nil {
		t.Errorf("the first request after the start: %v", err)
	}
	master := daemonPID(s)
	t.Cleanup(func() { syscall.Kill(-master, syscall.SIGKILL) })
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", master))
	if err != nil {
		t.Fatal(err)
	}
	if want := "moonring: master process " + program + " -p " + s.dir + " -c nginx.conf\x00"; string(cmdline) != want {
		t.Errorf("master's title %q, want %q", cmdline, want)
	}
	workers := children(t, master)
	for _, w := range workers {
		if cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", w)); string(cmdline) != workerTitle+"\x00" {
			t.Errorf("worker's title %q", cmdline)
		}
	}

	// A second one can't share the address, although there are sockets with SO_REUSEPORT on it.
	code, _, stderr = execute(t, s.args("-g", "pid logs/2.pid;")...)
	if want := fmt.Sprintf("moonring: [emerg] bind() to 127.0.0.1:%d failed (98: Address already in use)\n", s.port); code != 1 ||
		!strings.HasPrefix(stderr, want) || !strings.HasSuffix(stderr, "moonring: [emerg] still could not bind()\n") {
		t.Errorf("second instance: exit code %d, stderr %q", code, stderr)
	}
	if log := s.read("logs/error.log"); !strings.Contains(log, "[emerg]") {
		t.Errorf("log without the second instance's failure:\n%s", log)
	}

	if code, _, stderr := execute(t, s.args("-s", "quit")...); code != 0 || stderr != "" {
		t.Errorf("-s quit: exit code %d, stderr %q", code, stderr)
	}
	for _, pid := range append(workers, master) {
		eventually(t, "server ends", func() bool { return gone(pid) })
	}
	code, _, stderr = execute(t, s.args("-s", "quit")...)
	if want := fmt.Sprintf("moonring: [error] open() %q failed (2: No such file or directory)\n", s.dir+"/logs/nginx.pid"); code != 1 || stderr != want {
		t.Errorf("-s without a server: exit code %d, stderr %q, want %q", code, stderr, want)
	}
	s.write("logs/nginx.pid", "x\n")
	code, _, stderr = execute(t, s.args("-s", "stop")...)
	if want := fmt.Sprintf("moonring: [error] invalid PID number \"x\" in %q\n", s.dir+"/logs/nginx.pid"); code != 1 || stderr != want {
		t.Errorf("-s with a bad pid file: exit code %d, stderr %q, want %q", code, stderr, want)
	}
}

func TestSingleProcess(t *testing.T) {
	t.Parallel()
	s := newSite(t, "master_process off; worker_processes 3;", pidServer)
	if code, _, stderr := execute(t, s.args()...); code != 0 || stderr != "" {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	pid := daemonPID(s)
	t.Cleanup(func() { syscall.Kill(-pid, syscall.SIGKILL) })
	_, body, err := s.get("/")
	if err != nil || strings.TrimSpace(body) != strconv.Itoa(pid) {
		t.Errorf("answer %q, %v, want the pid file's %d", body, err, pid)
	}
	if c := children(t, pid); len(c) != 0 {
		t.Errorf("children %v", c)
	}
	if got := procStatus(t, pid, "Seccomp"); got != "2" {
		t.Errorf("Seccomp %s, want 2: system calls are confined here too", got)
	}
	execute(t, s.args("-s", "stop")...)
	eventually(t, "server ends", func() bool { return gone(pid) })
	if _, err := os.Stat(filepath.Join(s.dir, "logs/nginx.pid")); !os.IsNotExist(err) {
		t.Errorf("pid file: %v", err)
	}
}

// TestRespawn kills a worker under load. Another must serve within 200 ms, and nothing else may be noticed than the end of
// the killed one's connections.
func TestRespawn(t *testing.T) {
	s := newSite(t, idleConf, pidServer)
	i := s.start()
	workers := children(t, i.cmd.Process.Pid)
	if len(workers) != 2 {
		t.Fatalf("workers %v", workers)
	}
	victim := strconv.Itoa(workers[0])

	const clients = 16
	done := make(chan struct{})
	var wg sync.WaitGroup
	var answers sync.Map // worker -> true
	for range clients {
		wg.Go(func() {
			for {
				c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.port), 5*time.Second)
				if err != nil {
					t.Errorf("connect: %v", err)
					return
				}
				r := bufio.NewReader(c)
				owner := ""
				for {
					select {
					case <-done:
						c.Close()
						return
					default:
					}
					status, body, err := getOn(c, r, "/")
					if err != nil {
						// A connection that no worker has answered on yet may have been accepted by the victim.
						if owner != "" && owner != victim {
							t.Errorf("request to worker %s failed, which wasn't killed: %v", owner, err)
						}
						break
					}
					if status != 200 {
						t.Errorf("status %d", status)
					}
					owner = strings.TrimSpace(body)
					answers.Store(owner, true)
				}
				c.Close()
			}
		})
	}
	eventually(t, "both workers have answered", func() bool {
		_, a := answers.Load(victim)
		_, b := answers.Load(strconv.Itoa(workers[1]))
		return a && b
	})
	killed := time.Now()
	if err := syscall.Kill(workers[0], unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var took time.Duration
	// New connections are spread over both sockets: one of the fresh ones is the new worker's.
	eventually(t, "the new worker answers", func() bool {
		_, body, err := s.get("/")
		if err == nil {
			pid := strings.TrimSpace(body)
			took = time.Since(killed)
			return pid != victim && pid != strconv.Itoa(workers[1])
		}
		return false
	})
	time.Sleep(100 * time.Millisecond)
	close(done)
	wg.Wait()
	t.Logf("the new worker answered %v after the kill", took)
	if took > 200*time.Millisecond {
		t.Errorf("the new worker answered %v after the kill, want 200ms at most", took)
	}
	if log, want := s.read("logs/error.log"), "[alert] "; !strings.Contains(log, "worker process "+victim+" exited on signal 9\n") || !strings.Contains(log, want) {
		t.Errorf("log:\n%s", log)
	}
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestWorkersOutliveTheMaster(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, pidServer)
	i := s.start()
	workers := children(t, i.cmd.Process.Pid)
	i.signal(unix.SIGKILL)
	eventually(t, "master is gone", func() bool { return gone(i.cmd.Process.Pid) })
	eventually(t, "both workers have noticed", func() bool {
		return strings.Count(s.read("logs/error.log"), "the master process is gone") == len(workers)
	})
	for range 8 {
		if _, _, err := s.get("/"); err != nil {
			t.Errorf("without a master: %v", err)
		}
	}
	for _, w := range workers {
		syscall.Kill(w, unix.SIGQUIT)
	}
	for _, w := range workers {
		eventually(t, "worker obeys QUIT", func() bool { return gone(w) })
	}
}

func TestAffinity(t *testing.T) {
	t.Parallel()
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	all := procStatus(t, os.Getpid(), "Cpus_allowed_list")
	cpus := members(allowed)
	mask := strings.Repeat("0", 64)
	last := cpus[len(cpus)-1]
	tests := []struct {
		name, directives string
		want             []string // one a worker, in any order
	}{
		{"as many workers as CPUs are pinned", "worker_processes auto;", nil},
		{"a mask", "worker_processes 1; worker_cpu_affinity " + mask[:63-last%64] + "1" + mask[:last%64] + ";", []string{strconv.Itoa(last)}},
		{"auto pins fewer workers too", "worker_processes 1; worker_cpu_affinity auto;", []string{strconv.Itoa(cpus[0])}},
	}
	for _, cpu := range cpus {
		tests[0].want = append(tests[0].want, strconv.Itoa(cpu))
	}
	if runtime.NumCPU() > 1 {
		tests = append(tests, struct {
			name, directives string
			want             []string
		}{"fewer workers than CPUs are free", "worker_processes 1;", []string{all}})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, test.directives, pidServer)
			i := s.start()
			var got []string
			for _, w := range children(t, i.cmd.Process.Pid) {
				got = append(got, procStatus(t, w, "Cpus_allowed_list"))
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("workers may run on %q, want %q", got, test.want)
			}
			if got := procStatus(t, i.cmd.Process.Pid, "Cpus_allowed_list"); got != all {
				t.Errorf("the master may run on %s, want %s", got, all)
			}
		})
	}
}

// TestPrivileges is about a master of root; another user's workers run as that user.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", `server {
		listen 127.0.0.1:@PORT@;
		location / { return 200 "$pid\n"; }
		location = /shadow { alias /etc/shadow; }
	}`)
	i := s.start()
	root := os.Geteuid() == 0
	want := strconv.Itoa(os.Geteuid())
	if root {
		want = "65534"
	}
	w := children(t, i.cmd.Process.Pid)[0]
	for _, field := range []string{"Uid", "Gid"} {
		ids := strings.Fields(procStatus(t, w, field))
		for _, id := range ids {
			if root && id != want || field == "Uid" && id != want {
				t.Errorf("worker's %s %v, want %s", field, ids, want)
			}
		}
	}
	if root {
		if got := procStatus(t, w, "CapEff"); strings.Trim(got, "0") != "" {
			t.Errorf("worker's capabilities %s", got)
		}
		for _, g := range strings.Fields(procStatus(t, w, "Groups")) {
			if g == "0" {
				t.Errorf("worker is in root's group: %s", procStatus(t, w, "Groups"))
			}
		}
	}
	if status, _, err := s.get("/shadow"); err != nil || status != 403 {
		t.Errorf("a worker answers for /etc/shadow with %d, %v", status, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("MOON_KEPT", "1")
	t.Setenv("MOON_DROPPED", "2")
	t.Setenv("TZ", "UTC")
	got := environment([]string{"MOON_KEPT", "MOON_SET=a=b", "MOON_NOT_THERE"})
	if want := []string{"MOON_KEPT=1", "MOON_SET=a=b", "TZ=UTC"}; !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

func TestFileLimit(t *testing.T) {
	t.Parallel()
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		t.Fatal(err)
	}
	// Raising takes CAP_SYS_RESOURCE, which root in a container often lacks.
	more := syscall.Rlimit{Cur: lim.Cur, Max: lim.Max + 100}
	mayRaise := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &more) == nil
	if mayRaise {
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
	}
	for _, n := range []uint64{777, lim.Max + 100} {
		s := newSite(t, fmt.Sprintf("worker_processes 1; worker_rlimit_nofile %d;", n), pidServer)
		i := s.start()
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", children(t, i.cmd.Process.Pid)[0]))
		if err != nil {
			t.Fatal(err)
		}
		want, alert := n, false
		if n > lim.Max && !mayRaise {
			want, alert = lim.Max, true
		}
		if m := regexp.MustCompile(fmt.Sprintf(`Max open files +%d +%d `, want, want)).Find(text); m == nil {
			t.Errorf("limits of the worker, want %d files:\n%s", want, text)
		}
		if log := s.read("logs/error.log"); strings.Contains(log, fmt.Sprintf("[alert] %d#%d: setrlimit(RLIMIT_NOFILE, %d) failed (1: ", i.cmd.Process.Pid, i.cmd.Process.Pid, n)) != alert {
			t.Errorf("alert wanted: %v, log:\n%s", alert, log)
		}
	}
}

func TestReopenLogs(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", `server {
		listen 127.0.0.1:@PORT@;
		location / { return 200 "$pid\n"; }
		location /files/ { root @DIR@; }
		location /other/ { root @DIR@; error_log logs/other.log; }
	}`)
	i := s.start()
	complaint := func(path string) {
		if status, _, err := s.get(path); err != nil || status != 404 {
			t.Fatalf("%s: %d, %v", path, status, err)
		}
	}
	complaint("/files/before")
	for _, name := range []string{"error.log", "other.log"} {
		if err := os.Rename(filepath.Join(s.dir, "logs", name), filepath.Join(s.dir, "logs", name+".old")); err != nil {
			t.Fatal(err)
		}
	}
	i.signal(unix.SIGUSR1)
	eventually(t, "the new file is there, and the worker writes to it", func() bool {
		complaint("/files/after")
		return strings.Contains(s.read("logs/error.log"), "/files/after")
	})
	complaint("/other/after")
	if log := s.read("logs/other.log"); !strings.Contains(log, "/other/after") {
		t.Errorf("other.log: %q", log)
	}
	// A worker that is started later writes to the new file too.
	old := children(t, i.cmd.Process.Pid)
	syscall.Kill(old[0], unix.SIGKILL)
	eventually(t, "a new worker writes to the new file", func() bool {
		s.get("/files/later")
		return strings.Contains(s.read("logs/error.log"), "/files/later")
	})
	if log := s.read("logs/error.log"); !strings.Contains(log, "exited on signal 9") || strings.Contains(log, "/files/before") {
		t.Errorf("error.log:\n%s", log)
	}
}

// TestReopenAccessLogs renames access logs, one of them with a buffer, and has them opened again: no line is lost, and what was buffered
// before goes to the old file.
func TestReopenAccessLogs(t *testing.T) {
	for _, master := range []string{"on", "off"} {
		t.Run("master_process "+master, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "worker_processes 1; master_process "+master+";", `log_format uri '$request_uri';
			server {
				access_log logs/a.log uri;
				access_log logs/b.log uri buffer=64k;
				listen 127.0.0.1:@PORT@;
				location / { return 200 "$pid\n"; }
			}`)
			i := s.start()
			ask := func(path string) {
				if status, _, err := s.get(path); err != nil || status != 200 {
					t.Fatalf("%s: %d, %v", path, status, err)
				}
			}
			ask("/before")
			if a, b := s.read("logs/a.log"), s.read("logs/b.log"); !strings.HasSuffix(a, "/before\n") || b != "" {
				t.Fatalf("a.log %q, b.log %q", a, b)
			}
			for _, name := range []string{"a.log", "b.log"} {
				if err := os.Rename(filepath.Join(s.dir, "logs", name), filepath.Join(s.dir, "logs", name+".old")); err != nil {
					t.Fatal(err)
				}
			}
			i.signal(unix.SIGUSR1)
			eventually(t, "the worker writes to the new file", func() bool {
				ask("/after")
				text, _ := os.ReadFile(filepath.Join(s.dir, "logs", "a.log"))
				return strings.Contains(string(text), "/after")
			})
			if old := s.read("logs/b.log.old"); !strings.Contains(old, "/before\n") {
				t.Errorf("b.log.old %q", old)
			}
			i.signal(unix.SIGTERM)
			eventually(t, "the buffer is written at the end", func() bool { return strings.Contains(s.read("logs/b.log"), "/after\n") })
		})
	}
}

func TestWorkerThatCantStart(t *testing.T) {
	t.Parallel()
	for _, g := range []string{"daemon off;", "daemon on;", "daemon off; master_process off;"} {
		s := newSite(t, idleConf, `init_by_lua_block { error("no moon tonight") }`+pidServer)
		code, _, stderr := execute(t, s.args("-g", g)...)
		if code == 0 || strings.Count(stderr, "no moon tonight") != 1 {
			t.Errorf("%s exit code %d, stderr %q", g, code, stderr)
		}
		if log := s.read("logs/error.log"); !strings.Contains(log, "no moon tonight") {
			t.Errorf("%s log:\n%s", g, log)
		}
		if _, err := os.Stat(filepath.Join(s.dir, "logs/nginx.pid")); !os.IsNotExist(err) {
			t.Errorf("%s pid file: %v", g, err)
		}
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port)); err == nil {
			c.Close()
			t.Errorf("%s somebody still listens", g)
		}
	}
}

// TestWorkerWaitsByURingAlone holds that no socket of a worker is waited for by epoll. Go's runtime has an epoll instance for its own
// eventfd as soon as it has a timer.
func TestWorkerWaitsByURingAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", pidServer)
	i := s.start()
	proc := fmt.Sprintf("/proc/%d/", children(t, i.cmd.Process.Pid)[0])
	fds, err := os.ReadDir(proc + "fd")
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{}
	uring := false
	for _, fd := range fds {
		target, _ := os.Readlink(proc + "fd/" + fd.Name())
		targets[fd.Name()] = target
		uring = uring || strings.Contains(target, "io_uring")
	}
	if !uring {
		t.Errorf("no io_uring among the worker's descriptors %v", targets)
	}
	for fd, target := range targets {
		if !strings.Contains(target, "eventpoll") {
			continue
		}
		info, err := os.ReadFile(proc + "fdinfo/" + fd)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^tfd:\s*(\d+)`).FindAllSubmatch(info, -1) {
			if watched := targets[string(m[1])]; !strings.Contains(watched, "eventfd") {
				t.Errorf("the worker waits for %s by epoll", watched)
			}
		}
	}
}

func TestPauseAfter(t *testing.T) {
	s := &slot{}
	steps := []struct {
		ready bool
		lived time.Duration
		want  time.Duration
	}{
		{true, time.Minute, 0},
		{true, time.Millisecond, 0}, {true, time.Millisecond, 0}, {true, time.Millisecond, 0}, // killed thrice in a row
		{true, time.Millisecond, 100 * time.Millisecond},
		{true, time.Millisecond, 200 * time.Millisecond},
		{true, time.Minute, 0},
		{false, time.Minute, 100 * time.Millisecond}, // never ready
		{false, 0, 200 * time.Millisecond},
		{false, 0, 400 * time.Millisecond},
		{false, 0, 800 * time.Millisecond},
		{false, 0, 1600 * time.Millisecond},
		{false, 0, 3200 * time.Millisecond},
		{false, 0, 5 * time.Second},
		{false, 0, 5 * time.Second},
		{true, time.Minute, 0},
	}
	for n, step := range steps {
		if got := s.pauseAfter(step.ready, step.lived); got != step.want {
			t.Errorf("step %d: pause %v, want %v", n, got, step.want)
		}
	}
}

// TestTempFolders checks that the folders of temporary files are made, and that a worker can use them.
func TestTempFolders(t *testing.T) {
	for _, master := range []string{"on", "off"} {
		t.Run("master_process "+master, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "worker_processes 1; master_process "+master+";", `server {
				listen 127.0.0.1:@PORT@;
				client_body_in_file_only on;
				location / { content_by_lua_block { ngx.req.read_body() ngx.print(ngx.req.get_body_file()) } }
				location /other/ { client_body_temp_path other 1; content_by_lua_block { ngx.req.read_body() ngx.print(ngx.req.get_body_file()) } }
			}`)
			s.start()
			for _, path := range []string{"/", "/other/"} {
				resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d%s", s.port, path), "text/plain", strings.NewReader("body"))
				if err != nil {
					t.Fatal(err)
				}
				name, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				text, err := os.ReadFile(string(name))
				if err != nil || string(text) != "body" {
					t.Errorf("%s: %q: %q, %v", path, name, text, err)
				}
			}
			for _, name := range []string{"client_body_temp", "other"} {
				if info, err := os.Stat(filepath.Join(s.dir, name)); err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("%s: %v, %v", name, info, err)
				}
			}
		})
	}
}
