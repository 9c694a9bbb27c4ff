package appliance

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the binary that the tests run, built once from this tree.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "moonring-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		os.Chmod(dir, 0o755) // Workers of another user execute it.
		program = filepath.Join(dir, "moonring")
		cmd := exec.Command("go", "build", "-ldflags", "-X main.version=v0-test", "-o", program, "moonring")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// site is a prefix with a configuration.
type site struct {
	t    *testing.T
	dir  string
	port int
}

// newSite writes a configuration in which @PORT@ and @DIR@ are replaced, and which logs what a log can have. main are more directives of the main context,
// http those of the http block.
func newSite(t *testing.T, main, http string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), port: freePort(t)}
	// Workers may be another user, and TempDir's folders are ours alone.
	for d := s.dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.dir, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(main, "error_log") {
		main += " error_log logs/error.log info;"
	}
	s.write("nginx.conf", main+"\nevents {}\nhttp {\naccess_log off;\n"+http+"\n}\n")
	return s
}

// pidServer answers with the worker's process id, and closes no connection by itself for the time of a test.
const pidServer = `keepalive_requests 1000000000; server { listen 127.0.0.1:@PORT@; location / { return 200 "$pid\n"; } }`

func (s *site) write(name, text string) {
	s.t.Helper()
	text = strings.NewReplacer("@PORT@", strconv.Itoa(s.port), "@DIR@", s.dir).Replace(text)
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) read(name string) string {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *site) args(more ...string) []string {
	return append([]string{"-p", s.dir, "-c", "nginx.conf"}, more...)
}

// execute runs the program to its end.
func execute(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	// Files, not buffers: a daemon inherits standard error, and a pipe would be waited for.
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	errs, err := os.CreateTemp(t.TempDir(), "err")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	o, _ := os.ReadFile(out.Name())
	e, _ := os.ReadFile(errs.Name())
	return cmd.ProcessState.ExitCode(), string(o), string(e)
}

// instance is a server in the foreground.
type instance struct {
	*site
	cmd    *exec.Cmd
	output lockedBuffer
	exited chan struct{}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the server in the foreground and returns once it serves.
func (s *site) start(args ...string) *instance {
	s.t.Helper()
	i := s.startOnly(append(s.args("-g", "daemon off;"), args...)...)
	i.waitServing()
	return i
}

func (s *site) startOnly(args ...string) *instance { return s.startOnlyEnv(nil, args...) }

func (s *site) startOnlyEnv(env []string, args ...string) *instance {
	s.t.Helper()
	i := &instance{site: s, cmd: exec.Command(program, args...), exited: make(chan struct{})}
	i.cmd.Stdout, i.cmd.Stderr = &i.output, &i.output
	i.cmd.Env = append(os.Environ(), env...)
	i.cmd.WaitDelay = time.Second
	i.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := i.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		i.cmd.Wait()
		close(i.exited)
	}()
	s.t.Cleanup(func() { syscall.Kill(-i.cmd.Process.Pid, syscall.SIGKILL) })
	return i
}

// eventually repeats f until it returns true; what is the complaint after 10 s.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func (i *instance) waitServing() {
	i.t.Helper()
	eventually(i.t, "server answers", func() bool {
		select {
		case <-i.exited:
			i.t.Fatalf("server exited with %d: %s\n%s", i.cmd.ProcessState.ExitCode(), i.output.String(), i.read("logs/error.log"))
		default:
		}
		_, _, err := i.get("/")
		return err == nil
	})
}

// wait waits for the server's end and returns its exit code.
func (i *instance) wait() int {
	i.t.Helper()
	select {
	case <-i.exited:
	case <-time.After(10 * time.Second):
		i.t.Fatalf("server doesn't end\n%s", i.read("logs/error.log"))
	}
	return i.cmd.ProcessState.ExitCode()
}

func (i *instance) signal(sig syscall.Signal) {
	i.t.Helper()
	if err := i.cmd.Process.Signal(sig); err != nil {
		i.t.Fatal(err)
	}
}

// get makes a request on a new connection.
func (s *site) get(path string) (status int, body string, err error) {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.port), time.Second)
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	return getOn(c, bufio.NewReader(c), path)
}

func getOn(c net.Conn, r *bufio.Reader, path string) (status int, body string, err error) {
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path); err != nil {
		return 0, "", err
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// children lists the processes whose parent is pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	var all []int
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tasks {
		text, _ := os.ReadFile(name) // Threads come and go.
		for _, f := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, n)
		}
	}
	return all
}

// procStatus is a field of /proc/PID/status.
func procStatus(t *testing.T, pid int, field string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + field + `:\s*(.*?)\s*$`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in /proc/%d/status", field, pid)
	}
	return string(m[1])
}

func gone(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || bytes.Contains(text, []byte(") Z "))
}

func daemonPID(s *site) int {
	s.t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(s.read("logs/nginx.pid")))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}
