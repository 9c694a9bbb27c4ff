package appliance

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRun(t *testing.T) {
	t.Parallel()
	s := newSite(t, "worker_processes 2; error_log logs/error.log notice; pid /nowhere/nginx.pid; daemon on; master_process off;", `server {
		listen 127.0.0.1:@PORT@;
		location / { return 200 "$server_port\n"; }
		location /self { proxy_pass http://127.0.0.1:@PORT@/; }
	}`)
	if err := os.Remove(filepath.Join(s.dir, "logs")); err != nil {
		t.Fatal(err)
	}
	i := s.startRun()
	i.waitServing()
	want := fmt.Sprintf("moonring: serving %s at http://127.0.0.1:%d/, workers: 2, Ctrl-C stops it\n", s.dir, s.port)
	eventually(t, "it says where it is", func() bool { return strings.Contains(i.output.String(), want) })
	if !strings.Contains(i.output.String(), " [notice] ") {
		t.Errorf("output without the log: %q", i.output.String())
	}

	// Again: the port is taken, another one is found and printed.
	second := s.startRun()
	var url []string
	eventually(t, "the second one says where it is", func() bool {
		url = regexp.MustCompile(`at http://127\.0\.0\.1:(\d+)/ \(port (\d+) is not to be had\)`).FindStringSubmatch(second.output.String())
		return url != nil
	})
	if url[2] != fmt.Sprint(s.port) {
		t.Errorf("port %s is said to be taken, it is %d", url[2], s.port)
	}
	other := &site{t: t}
	fmt.Sscan(url[1], &other.port)
	if _, body, err := other.get("/"); err != nil || body != url[1]+"\n" {
		t.Errorf("the second one answers %q, %v", body, err)
	}
	if _, body, err := other.get("/self"); err != nil || body != url[1]+"\n" {
		t.Errorf("the second one proxies to %q, %v", body, err)
	}

	// The workers of an example don't outlive it.
	workers := children(t, second.cmd.Process.Pid)
	second.signal(unix.SIGKILL)
	for _, w := range workers {
		eventually(t, "worker ends with its master", func() bool { return gone(w) })
	}
	i.signal(unix.SIGHUP) // the terminal is closed
	if code := i.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left, _ := filepath.Glob(filepath.Join(i.temp, "*")); len(left) != 0 {
		t.Errorf("left in the folder for temporary files: %v", left)
	}
	if files, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(files) != 1 {
		t.Errorf("the folder now has %v", files)
	}
}

type runInstance struct {
	*instance
	temp string
}

// startRun runs `moonring run` with a folder for temporary files of its own.
func (s *site) startRun() runInstance {
	s.t.Helper()
	temp := s.t.TempDir()
	return runInstance{s.startOnlyEnv([]string{"TMPDIR=" + temp}, "run", s.dir), temp}
}

func TestRunComplains(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		want string
	}{
		{"run", "run takes one folder: moonring run DIR"},
		{"run /nowhere", "there is neither nginx.conf nor conf/nginx.conf in /nowhere"},
	} {
		if code, _, stderr := execute(t, strings.Fields(test.args)...); code != 1 || stderr != "moonring: "+test.want+"\n" {
			t.Errorf("%s: %d, %q", test.args, code, stderr)
		}
	}
	s := newSite(t, "", "server { moon full; }")
	code, _, stderr := execute(t, "run", s.dir)
	if want := ": unknown directive \"moon\" in " + s.dir + "/nginx.conf:5\n"; code != 1 || !logLine.MatchString(stderr) || !strings.HasSuffix(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("bad configuration: %d, %q, want %q", code, stderr, want)
	}
}

// TestUnixSocket holds that a socket left behind by a killed server is no obstacle, one in use is.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, `server { listen unix:@DIR@/logs/s; listen 127.0.0.1:@PORT@; location / { return 200 "$pid\n"; } }`)
	path := filepath.Join(s.dir, "logs/s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	i := s.start()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, _, err := getOn(c, bufio.NewReader(c), "/"); err != nil {
		t.Error(err)
	}
	second := s.args("-g", "pid logs/2.pid;")
	if code, _, stderr := execute(t, second...); code != 1 || !strings.Contains(stderr, "bind() to unix:"+path+" failed (98: Address already in use)") {
		t.Errorf("second instance: %d, %q", code, stderr)
	}
	i.signal(unix.SIGTERM)
	i.wait()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket's file: %v", err)
	}
}
