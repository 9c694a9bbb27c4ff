package difftest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server is one of the two programs that are compared.
type server struct {
	name    string
	program string
}

// nginxServer is Debian's nginx; its Lua module is named in the configuration.
func nginxServer(t *testing.T) server {
	t.Helper()
	for _, p := range []string{"/usr/sbin/nginx", "/usr/lib/nginx/modules/ngx_http_lua_module.so",
		"/usr/lib/nginx/modules/ngx_http_echo_module.so", "/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so"} {
		if _, err := os.Stat(p); err != nil {
			t.Fatalf("%v: `make deps` installs nginx with its modules", err)
		}
	}
	return server{"nginx", "/usr/sbin/nginx"}
}

// moonringServer is built from this tree.
func moonringServer(t *testing.T) server {
	t.Helper()
	if *oursPath != "" {
		return server{"moonring", *oursPath}
	}
	program := filepath.Join(t.TempDir(), "moonring")
	cmd := exec.Command("go", "build", "-o", program, "moonring")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("moonring doesn't build: %v\n%s", err, out)
	}
	return server{"moonring", program}
}

// freePort finds a port below the ephemeral range, so that no outgoing connection of another test takes it between two starts.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(10000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port between 20000 and 30000")
	return 0
}

// prepare copies a folder to a new prefix, where a worker without privileges can read it, and puts the port in the place of a word. Modification times are set to
// one value, so that ETag and Last-Modified are the same in every run.
func prepare(t *testing.T, folder, word string, port int) (prefix string) {
	t.Helper()
	prefix = t.TempDir()
	for dir := prefix; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	modified := time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC)
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		to := filepath.Join(prefix, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, bytes.ReplaceAll(data, []byte(word), []byte(strconv.Itoa(port))), 0o644); err != nil {
			return err
		}
		return os.Chtimes(to, modified, modified)
	})
	if err == nil {
		err = os.Mkdir(filepath.Join(prefix, "logs"), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return prefix
}

// run starts the server with directives for its -g, calls f once it accepts connections, stops it, and returns what it wrote to error.log.
func (s server) run(t *testing.T, prefix, directives string, port int, f func(addr string)) (errorLog string) {
	t.Helper()
	logPath := filepath.Join(prefix, "logs", "error.log")
	if err := os.Remove(logPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var output bytes.Buffer
	cmd := exec.Command(s.program, "-p", prefix, "-c", "nginx.conf", "-g", directives)
	cmd.Stdout, cmd.Stderr = &output, &output
	// A group of its own, so that the workers go with a master that has to be killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	stop := func(sig syscall.Signal) error {
		if err := cmd.Process.Signal(sig); err != nil {
			return err
		}
		select {
		case err := <-exited:
			exited <- err
			return err
		case <-time.After(5 * time.Second):
			return fmt.Errorf("still there 5 s after %v", sig)
		}
	}
	defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)

	addr := fmt.Sprintf("127.0.0.1:%d", port)
	if err := waitFor(addr, exited); err != nil {
		log, _ := os.ReadFile(logPath)
		t.Fatalf("%s doesn't start: %v\noutput: %s\nerror.log: %s", s.name, err, &output, log)
	}
	f(addr)
	if err := stop(syscall.SIGTERM); err != nil {
		t.Errorf("%s, told to stop: %v\noutput: %s", s.name, err, &output)
	}
	log, err := os.ReadFile(logPath)
	if errors.Is(err, fs.ErrNotExist) {
		return output.String() // The configuration logs to stderr.
	}
	if err != nil {
		t.Error(err)
	}
	return string(log)
}

// waitFor returns once addr accepts connections, or with an error if the program exits or 10 s pass.
func waitFor(addr string, exited chan error) error {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		select {
		case err := <-exited:
			exited <- err
			return fmt.Errorf("it exited: %v", err)
		default:
		}
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			return c.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("nothing accepts on %s", addr)
}

// records splits error.log in records: a line that begins with a time, and those after it that don't (a traceback).
func records(log string) []string {
	var all []string
	for line := range strings.Lines(log) {
		if logStart.MatchString(line) || len(all) == 0 {
			all = append(all, line)
		} else {
			all[len(all)-1] += line
		}
	}
	return all
}
