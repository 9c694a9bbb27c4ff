package appliance

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTakeover kills the master under load, and starts others: one that can't start, and one that can. No request may fail.
func TestTakeover(t *testing.T) {
	s := newSite(t, idleConf, pidServer+" server { listen unix:@DIR@/sock; }")
	good := s.read("nginx.conf")
	old := s.daemon(program)
	workers := children(t, old)
	t.Cleanup(func() {
		for _, w := range workers {
			syscall.Kill(w, unix.SIGKILL)
		}
	})
	stop := s.load(24)

	// The second instance of a living master finds its workers, but they don't answer.
	if code, _, stderr := execute(t, s.args()...); code != 1 || !strings.Contains(stderr, "still could not bind()") {
		t.Errorf("beside a living master: exit code %d, stderr %q", code, stderr)
	}
	unix.Kill(old, unix.SIGKILL)
	eventually(t, "the master is gone", func() bool { return gone(old) })

	s.write("nginx.conf", strings.Replace(good, "http {", `http { init_worker_by_lua_block { x = 1 } init_by_lua_block { error("no moon tonight") }`, 1))
	if code, _, stderr := execute(t, s.args()...); code != 1 || !strings.Contains(stderr, "no moon tonight") {
		t.Errorf("a master that can't start: exit code %d, stderr %q", code, stderr)
	}
	for _, w := range workers {
		if gone(w) {
			t.Errorf("worker %d has gone, nobody is there in its place", w)
		}
	}

	s.write("nginx.conf", good)
	master := s.daemon(program)
	now := children(t, master)
	if len(now) != 2 {
		t.Errorf("workers %v", now)
	}
	for _, w := range workers {
		eventually(t, "a worker that was taken over drains and ends", func() bool { return gone(w) })
	}
	if c, err := net.Dial("unix", s.dir+"/sock"); err != nil {
		t.Errorf("the unix socket: %v", err)
	} else {
		c.Close()
	}
	time.Sleep(500 * time.Millisecond)
	requests, closed := stop()
	t.Logf("%d requests, %d connections closed by drain", requests, closed)
	if closed == 0 || requests < 1000 {
		t.Errorf("%d requests, %d connections closed by drain", requests, closed)
	}
	for _, w := range workers {
		s.wants(fmt.Sprintf("[notice] %d#%d: taking over worker process %d, which has no master\n", master, master, w), fmt.Sprintf("worker process %d, which was taken over, has gone\n", w))
	}
	s.wants(fmt.Sprintf("master process %d takes over\n", master), "gracefully shutting down\n")
	unix.Kill(master, unix.SIGQUIT)
	for _, pid := range append(now, master) {
		eventually(t, "the new server ends", func() bool { return gone(pid) })
	}
}

// TestTakeoverOfOthers holds that workers of another pid file are left alone.
func TestTakeoverOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 1;", pidServer)
	i := s.start()
	worker := children(t, i.cmd.Process.Pid)[0]
	i.signal(unix.SIGKILL)
	eventually(t, "the worker has noticed", func() bool { return strings.Contains(s.read("logs/error.log"), "the master process is gone") })
	code, _, stderr := execute(t, s.args("-g", "pid logs/other.pid;")...)
	if code != 1 || !strings.Contains(stderr, "still could not bind()") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	if _, _, err := s.get("/"); err != nil {
		t.Error(err)
	}
	unix.Kill(worker, unix.SIGQUIT)
	eventually(t, "the worker obeys QUIT", func() bool { return gone(worker) })
}

// TestOrphansAreNotTrusted holds that a worker can't name the process that is to get its signals, nor keep a new master from starting.
func TestOrphansAreNotTrusted(t *testing.T) {
	t.Parallel()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		t.Fatal(err)
	}
	o := orphan{pair: pair[0]}
	if err := send(pair[1], cmdOrphan, []byte("2")); err != nil {
		t.Fatal(err)
	}
	if !o.accept(time.Now().Add(time.Minute)) || o.pid != os.Getpid() {
		t.Errorf("pid %d, want %d", o.pid, os.Getpid())
	}
	ended := make(chan bool)
	go func() {
		for send(pair[1], cmdSockets, nil) == nil {
		}
		ended <- true
	}()
	if o.accept(time.Now().Add(20 * time.Millisecond)) {
		t.Error("it has handed nothing over")
	}
	unix.Shutdown(pair[0], unix.SHUT_RDWR)
	<-ended
	unix.Close(pair[1])
}
