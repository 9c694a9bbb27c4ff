package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a moonring with its prefix.
type server struct {
	addr   string
	port   string
	prefix string
	pid    int // of the master; 0 until launch
}

var builds sync.Map // build tags -> func() (string, error)

// binary builds moonring with tags, once.
func binary(t *testing.T, tags string) string {
	t.Helper()
	build, _ := builds.LoadOrStore(tags, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "moonring-e2e-")
		if err != nil {
			return "", err
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			return "", err
		}
		bin := filepath.Join(dir, "moonring")
		out, err := exec.Command("go", "build", "-tags", tags, "-o", bin, "moonring").CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("build: %w\n%s", err, out)
		}
		return bin, nil
	}))
	bin, err := build.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestMain(m *testing.M) {
	code := m.Run()
	builds.Range(func(_, build any) bool {
		if bin, err := build.(func() (string, error))(); err == nil {
			os.RemoveAll(filepath.Dir(bin))
		}
		return true
	})
	os.Exit(code)
}

// start runs moonring, built with tags, on a configuration: see configure. It is stopped when the test ends, and must end
// in peace then.
func start(t *testing.T, config, tags string) *server {
	t.Helper()
	s := prepare(t)
	s.configure(t, config)
	s.launch(t, tags)
	return s
}

// prepare makes a prefix and finds a free port.
func prepare(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	// Workers of a root's server are somebody else: let them through.
	prefix := filepath.Join(t.TempDir(), "prefix")
	for dir := prefix; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(prefix, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	return &server{addr: "127.0.0.1:" + port, port: port, prefix: prefix}
}

// configure writes the configuration: config without the parts that are the same for all tests, @PORT@ in it is the port.
func (s *server) configure(t *testing.T, config string) {
	t.Helper()
	config = "daemon off; pid logs/nginx.pid; error_log logs/error.log warn; events { worker_connections 16384; }" +
		strings.ReplaceAll(config, "@PORT@", s.port)
	// Whole or not at all: an earlier reload may be reading it only now.
	file := filepath.Join(s.prefix, "nginx.conf")
	if err := os.WriteFile(file+".new", []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// launch starts the server and returns once it listens.
func (s *server) launch(t *testing.T, tags string) {
	t.Helper()
	cmd := exec.Command(binary(t, tags), "-p", s.prefix, "-c", "nginx.conf")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	for range 500 {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server did not listen within 10 s")
}

// reload puts another configuration in force, without waiting for it.
func (s *server) reload(t *testing.T, config string) {
	s.configure(t, config)
	if err := syscall.Kill(s.pid, syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// log returns what is in the error log so far.
func (s *server) log(t *testing.T) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(s.prefix, "logs/error.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}
