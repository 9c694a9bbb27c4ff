package luatool

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// person is somebody at a terminal in which the command runs.
type person struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	seen bytes.Buffer
	done chan error
}

func atTerminal(t *testing.T, home string, args ...string) *person {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	master := os.NewFile(uintptr(fd), "tty") // its reads have deadlines
	t.Cleanup(func() { master.Close() })
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	p := &person{t: t, tty: master, cmd: command(t, args...), done: make(chan error, 1)}
	p.cmd.Env = append(p.cmd.Env, "HOME="+home)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() { p.done <- p.cmd.Wait() }()
	return p
}

// expect waits until text has appeared, and forgets what came up to it.
func (p *person) expect(text string) {
	p.t.Helper()
	buf := make([]byte, 4096)
	for end := time.Now().Add(10 * time.Second); ; {
		if _, after, ok := bytes.Cut(p.seen.Bytes(), []byte(text)); ok {
			rest := bytes.Clone(after)
			p.seen.Reset()
			p.seen.Write(rest)
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%q doesn't come; there is %.300q", text, p.seen.String())
		}
		_ = p.tty.SetReadDeadline(end)
		n, err := p.tty.Read(buf)
		p.seen.Write(buf[:n])
		if n == 0 && err != nil {
			p.t.Fatalf("%q doesn't come: %v; there is %.300q", text, err, p.seen.String())
		}
	}
}

func (p *person) types(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

const up = "\x1b[A"

func TestTerminal(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := atTerminal(t, home)
	p.expect("Moonring 9.9")
	p.expect("> ")
	p.types("x = 40\r")
	p.expect("> ")
	p.types("x + 2\r")
	p.expect("42\r\n")
	p.expect("> ")
	p.types("'cut' .. 'x'\x7f\x7f\x7f'y'\r") // edited
	p.expect("cuty\r\n")
	p.expect("> ")
	p.types("for i = 1, 2 do\r")
	p.expect(">> ")
	p.types("\x03") // given up
	p.expect("^C\r\n> ")
	p.types(up + up + up + "\r") // x + 2
	p.expect("42\r\n")
	p.expect("> ")
	p.types("while true do end\r")
	p.expect("\r\n")
	time.Sleep(200 * time.Millisecond)
	p.types("\x03")
	p.expect("stdin:1: interrupted!")
	p.expect("> ")
	p.types("io.read()\r") // the terminal is as it was
	p.expect("\r\n")
	time.Sleep(100 * time.Millisecond)
	p.types("typed\n")
	p.expect("typed\r\ntyped\r\n")
	p.expect("> ")
	p.types("\x04")
	if err := <-p.done; err != nil {
		t.Errorf("Ctrl-D ended it with %v", err)
	}
	kept, err := os.ReadFile(filepath.Join(home, ".moonring_history"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "x = 40\nx + 2\n'cut' .. 'y'\nfor i = 1, 2 do\nx + 2\nwhile true do end\nio.read()\n"; string(kept) != want {
		t.Errorf("the history is %q, want %q", kept, want)
	}

	p = atTerminal(t, home)
	p.expect("> ")
	p.types(up + up + up + "\r") // of the one before
	p.expect("arithmetic on global 'x'")
	p.expect("> ")
	p.types("os.exit(5)\r")
	if err, want := <-p.done, "exit status 5"; err == nil || err.Error() != want {
		t.Errorf("it ended with %v, want %s", err, want)
	}
}

// A script that has seen an interrupt may go on; one that waits is ended by the second.
func TestInterruptsOfScripts(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, t.TempDir(), "-e", "print(pcall(function() print('on') while true do end end)) print('after') io.read()")
	p.expect("on\r\n")
	p.types("\x03")
	p.expect("false\t(command line):1: interrupted!")
	p.expect("after")
	p.types("\x03")
	time.Sleep(300 * time.Millisecond)
	select {
	case err := <-p.done:
		t.Fatalf("the first interrupt of a script that waits ended it: %v", err)
	default:
	}
	p.types("\x03")
	if err := <-p.done; err == nil || !strings.Contains(err.Error(), "signal: interrupt") {
		t.Errorf("it ended with %v, want the signal", err)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script, out := filepath.Join(dir, "s.lua"), filepath.Join(dir, "p.pb.gz")
	if err := os.WriteFile(script, []byte(`
local function hot(n) local x = 0 for i = 1, n do x = x + i % 7 end return x end
local function cold(n) return n end
for i = 1, 200 do cold(hot(20000)) end
if ... then os.exit(4) end
`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
	}{{nil, 0}, {[]string{"exit"}, 4}} {
		cmd := command(t, append([]string{"--profile", out, script}, test.args...)...)
		if msg, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != test.code || len(msg) > 0 {
			t.Fatalf("%v: %s", err, msg)
		}
		top := exec.Command("go", "tool", "pprof", "-symbolize=none", "-top", out)
		top.Env = append(os.Environ(), "PPROF_TMPDIR="+dir)
		text, err := top.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines := strings.Split(string(text), "\n")
		for len(lines) > 1 && !strings.Contains(lines[0], "flat%") {
			lines = lines[1:]
		}
		if len(lines) < 2 || !strings.HasSuffix(lines[1], " s.lua:hot") {
			t.Errorf("on top isn't s.lua:hot:\n%s", text)
		}
	}
}
