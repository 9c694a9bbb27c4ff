package appliance

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// numbered is a configuration that answers with n.
func (s *site) numbered(n, workers int, more string) {
	s.write("nginx.conf", fmt.Sprintf(`worker_processes %d; error_log logs/error.log info; events {}
		http { access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:@PORT@; location / { return 200 "%d\n"; } } %s }`, workers, n, more))
}

// answers waits until the server answers with want.
func (i *instance) answers(want string) {
	i.t.Helper()
	eventually(i.t, "the answer is "+want, func() bool {
		_, body, err := i.get("/")
		if err != nil {
			i.t.Fatalf("while reloading: %v\n%s", err, i.read("logs/error.log"))
		}
		return strings.TrimSpace(body) == want
	})
}

// TestReloadDrains holds that a kept connection is told to close by the answer of the old generation, and not closed before.
func TestReloadDrains(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	s.numbered(1, 1, "")
	i := s.start()
	old := children(t, i.cmd.Process.Pid)
	kept, idle := s.dial(), s.dial()
	for _, c := range []net.Conn{kept, idle} {
		if _, body, err := getOn(c, bufio.NewReader(c), "/"); err != nil || body != "1\n" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	s.numbered(2, 1, "")
	if code, _, stderr := execute(t, s.args("-s", "reload")...); code != 0 || stderr != "" {
		t.Errorf("-s reload: exit code %d, stderr %q", code, stderr)
	}
	i.answers("2")
	time.Sleep(time.Second)
	fmt.Fprint(kept, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	r := bufio.NewReader(kept)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("on a connection that waited for 1 s: %v", err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "1\n" || !resp.Close {
		t.Errorf("answer %q, close %v, want the old generation's and true", body, resp.Close)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("after the answer: %v, want EOF", err)
	}
	idle.SetDeadline(time.Now().Add(10 * time.Second))
	if n, err := idle.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the idle connection: %d bytes, %v, want EOF", n, err)
	}
	for _, pid := range old {
		eventually(t, "the old worker ends", func() bool { return gone(pid) })
	}
	eventually(t, "there is one worker, a new one", func() bool {
		now := children(t, i.cmd.Process.Pid)
		return len(now) == 1 && now[0] != old[0]
	})
}

func (s *site) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// TestReloadOfABadConfiguration holds that the generation in force serves on, whatever is wrong with the next.
func TestReloadOfABadConfiguration(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := newSite(t, "", "")
	s.numbered(1, 2, "")
	i := s.start()
	workers := children(t, i.cmd.Process.Pid)
	for _, test := range []struct{ more, want string }{
		{"moonrise on;", fmt.Sprintf(`[emerg] %d#%d: unknown directive "moonrise" in %s/nginx.conf:2`, i.cmd.Process.Pid, i.cmd.Process.Pid, s.dir)},
		{`init_by_lua_block { error("no moon tonight") }`, "no moon tonight"},
		{fmt.Sprintf("server { listen %s; }", taken.Addr()), fmt.Sprintf("[emerg] %d#%d: still could not bind()", i.cmd.Process.Pid, i.cmd.Process.Pid)},
		{"error_log logs/none/error.log;", "(2: No such file or directory)"},
	} {
		s.numbered(2, 3, test.more)
		i.signal(unix.SIGHUP)
		eventually(t, "the log has "+test.want, func() bool { return strings.Contains(s.read("logs/error.log"), test.want) })
		i.answers("1")
		eventually(t, "only the workers that were there are", func() bool { return fmt.Sprint(children(t, i.cmd.Process.Pid)) == fmt.Sprint(workers) })
	}
	// -s reload reads the configuration before it signals, as nginx does.
	s.numbered(2, 1, "moonset on;")
	if code, _, stderr := execute(t, s.args("-s", "reload")...); code != 1 || !strings.Contains(stderr, `unknown directive "moonset"`) {
		t.Errorf("-s reload of a bad configuration: exit code %d, stderr %q", code, stderr)
	}
	// A worker killed meanwhile comes back with the generation in force.
	unix.Kill(workers[0], unix.SIGKILL)
	eventually(t, "there are two workers again", func() bool {
		now := children(t, i.cmd.Process.Pid)
		return len(now) == 2 && now[0] != workers[0] && now[1] != workers[0]
	})
	time.Sleep(300 * time.Millisecond) // the kernel takes a killed process's ring apart later, and until then it may accept
	for range 10 {
		i.answers("1")
	}
	s.numbered(3, 1, "")
	i.signal(unix.SIGHUP)
	i.answers("3")
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestReloadOfAddresses changes what is listened on, and where the logs and the pid file are.
func TestReloadOfAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	other := freePort(t)
	sock := filepath.Join(s.dir, "sock")
	s.numbered(1, 1, fmt.Sprintf("server { listen 127.0.0.1:%d; listen unix:%s; }", other, sock))
	i := s.start()
	connects := func(network, addr string) bool {
		c, err := net.Dial(network, addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if !connects("unix", sock) || !connects("tcp", fmt.Sprintf("127.0.0.1:%d", other)) {
		t.Error("not every address is listened on")
	}
	s.numbered(2, 2, "")
	conf := s.read("nginx.conf")
	s.write("nginx.conf", "pid logs/other.pid;\n"+strings.Replace(conf, "logs/error.log", "logs/other.log", 1))
	i.signal(unix.SIGHUP)
	i.answers("2")
	eventually(t, "addresses that are no longer in the configuration are free", func() bool {
		return !connects("unix", sock) && !connects("tcp", fmt.Sprintf("127.0.0.1:%d", other))
	})
	if _, err := os.Stat(sock); !os.IsNotExist(err) {
		t.Errorf("the file of the unix socket: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "logs/nginx.pid")); !os.IsNotExist(err) {
		t.Errorf("the old pid file: %v", err)
	}
	if got := strings.TrimSpace(s.read("logs/other.pid")); got != strconv.Itoa(i.cmd.Process.Pid) {
		t.Errorf("the new pid file has %q", got)
	}
	i.signal(unix.SIGQUIT)
	i.wait()
	if log := s.read("logs/other.log"); !strings.Contains(log, "shutting down") {
		t.Errorf("the new log:\n%s", log)
	}
}

// TestReloads reloads again and again under clients that think between requests, the number of workers going 2, 1, 2: no request may fail, and
// neither the master nor the workers may grow.
func TestReloads(t *testing.T) { reloads(t, 40, 100*time.Millisecond) }

// TestSoakReloads does it a thousand times when `make soak` sets MOONRING_SOAK, and a few times otherwise.
func TestSoakReloads(t *testing.T) {
	count := 5
	if os.Getenv("MOONRING_SOAK") != "" {
		count = 1000
	}
	reloads(t, count, 500*time.Millisecond)
}

func reloads(t *testing.T, count int, pause time.Duration) {
	s := newSite(t, "", "")
	s.numbered(0, 2, "")
	i := s.start()
	stop := s.load(48)
	master := i.cmd.Process.Pid
	atFirst := descriptors(t, master)
	// The tenth of the reloads behind the first, when everything is warm if they are many, and the last.
	window, slackKB := max(count/10, 1), 4096
	if count >= 1000 {
		slackKB = 2048
	}
	var early, late occupancy
	for n := 1; n <= count; n++ {
		s.numbered(n, 2-n%2, "")
		i.signal(unix.SIGHUP)
		i.answers(strconv.Itoa(n))
		time.Sleep(pause)
		switch {
		case n > window && n <= 2*window:
			early.add(t, master)
		case n > count-window:
			late.add(t, master)
		}
	}
	requests, closed := stop()
	eventually(t, "the old workers have gone", func() bool { return len(children(t, master)) == 2-count%2 })
	t.Logf("%d reloads, %d requests, %d connections closed by drain; after the first tenth %v, in the last %v", count, requests, closed, &early, &late)
	if grown := late.grown(&early, slackKB); grown != "" {
		t.Errorf("%s grew: after the first tenth of the reloads %v, in the last %v", grown, &early, &late)
	}
	if now := descriptors(t, master); now > atFirst {
		t.Errorf("the master has %d descriptors, before the first reload %d", now, atFirst)
	}
	if closed == 0 || requests < int64(count) {
		t.Errorf("%d requests, %d closed", requests, closed)
	}
	if log := s.read("logs/error.log"); strings.Contains(log, "[alert]") || strings.Contains(log, "[emerg]") {
		t.Errorf("log:\n%s", log)
	}
	i.signal(unix.SIGQUIT)
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// occupancy sums up what a server occupies, over several looks.
type occupancy struct {
	looks, descriptors, processes int
	masterKB, workersKB           int
}

func (u *occupancy) add(t *testing.T, master int) {
	t.Helper()
	u.looks++
	u.descriptors += descriptors(t, master)
	u.masterKB += residentKB(master)
	for _, pid := range children(t, master) {
		if kb := residentKB(pid); kb > 0 {
			u.processes++
			u.workersKB += kb
		}
	}
}

// means are of the master's descriptors and memory in KB, of the number of workers and of one worker's memory in KB.
func (u *occupancy) means() (descriptors, masterKB, workers, workerKB float64) {
	looks := float64(u.looks)
	return float64(u.descriptors) / looks, float64(u.masterKB) / looks, float64(u.processes) / looks, float64(u.workersKB) / float64(max(u.processes, 1))
}

func (u *occupancy) String() string {
	descriptors, masterKB, workers, workerKB := u.means()
	return fmt.Sprintf("the master had %.1f descriptors and %.0f KB, %.1f workers %.0f KB each", descriptors, masterKB, workers, workerKB)
}

// grown names what occupies a tenth and slackKB more than it did in early; "" if nothing does. How many old workers and their descriptors
// are still there depends on how busy the machine is.
func (u *occupancy) grown(early *occupancy, slackKB int) string {
	descriptors, masterKB, workers, workerKB := u.means()
	wasDescriptors, wasMasterKB, wasWorkers, wasWorkerKB := early.means()
	switch {
	case workers > 2*wasWorkers+8:
		return "the number of workers"
	case descriptors-wasDescriptors > 4*max(workers-wasWorkers, 0)+8:
		return "the number of descriptors"
	case masterKB > 1.1*wasMasterKB+float64(slackKB):
		return "the master"
	case workerKB > 1.1*wasWorkerKB+float64(slackKB):
		return "a worker"
	}
	return ""
}

func descriptors(t *testing.T, pid int) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// residentKB is 0 for a process that has gone.
func residentKB(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			return kb
		}
	}
	return 0
}
