package appliance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestHungWorkerIsReplaced holds that a worker which doesn't turn its loop is replaced, and that one which is only idle is not.
func TestHungWorkerIsReplaced(t *testing.T) {
	for _, test := range []struct {
		name   string
		hang   func(s *site, pid int)
		stacks bool
	}{
		{"stopped", func(s *site, pid int) { unix.Kill(pid, unix.SIGSTOP) }, false},
		{"in Lua", func(s *site, pid int) { s.ask("/stuck") }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "worker_processes 1; worker_hang_timeout 2s;", slowServer)
			i := s.start()
			w := children(t, i.cmd.Process.Pid)[0]
			time.Sleep(3 * time.Second) // an idle worker's loop turns
			if now := children(t, i.cmd.Process.Pid); len(now) != 1 || now[0] != w {
				t.Fatalf("workers %v, was %d\n%s", now, w, s.read("logs/error.log"))
			}
			test.hang(s, w)
			began := time.Now()
			eventually(t, "another worker is there", func() bool {
				now := children(t, i.cmd.Process.Pid)
				return len(now) == 1 && now[0] != w
			})
			if took := time.Since(began); took < 900*time.Millisecond || took > 6*time.Second {
				t.Errorf("replaced after %v, worker_hang_timeout is 2s", took)
			}
			eventually(t, "it serves", func() bool {
				_, body, err := s.get("/")
				return err == nil && body == "ok\n"
			})
			log := s.read("logs/error.log")
			if !strings.Contains(log, fmt.Sprintf("worker process %d hangs: its loop has not turned for ", w)) {
				t.Errorf("log:\n%s", log)
			}
			if got := strings.Contains(log, "SIGABRT: abort") && strings.Contains(log, "moonring/lua."); got != test.stacks {
				t.Errorf("stacks of the loop: %v, want %v\n%s", got, test.stacks, log)
			}
		})
	}
}
