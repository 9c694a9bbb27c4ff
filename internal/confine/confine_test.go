package confine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestEscape runs a program that confines itself and tries to break out, from every thread.
func TestEscape(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "escape")
	cmd := exec.Command("go", "build", "-o", program, "./testdata/escape")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command(program, dir).CombinedOutput()
	if err != nil || string(out) != "all refused\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTable holds that no call stands twice, that each has its reason, and that the program is within the kernel's bound.
func TestTable(t *testing.T) {
	calls := append(table(1), legacy...)
	seen := map[uintptr]bool{}
	for _, c := range calls {
		if seen[c.nr] || c.why == "" {
			t.Errorf("call %d (%s): twice, or without a reason", c.nr, c.why)
		}
		seen[c.nr] = true
	}
	for _, nr := range []uintptr{unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_PTRACE, unix.SYS_BPF, unix.SYS_LISTEN, unix.SYS_IO_URING_SETUP, unix.SYS_CLONE3} {
		if seen[nr] {
			t.Errorf("call %d is allowed", nr)
		}
	}
	if n := len(assemble(calls)); n > 4096 {
		t.Errorf("%d instructions", n)
	}
}
