package appliance

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// opensServer tells what becomes of opening a file for reading and of making one.
const opensServer = `server {
	listen 127.0.0.1:@PORT@;
	location / { return 200 "$pid\n"; }
	location /open { content_by_lua_block {
		local f, err = io.open(ngx.var.arg_f, ngx.var.arg_m)
		ngx.say(f and "open" or err)
		if f then f:close() end
	} }
}`

// TestConfinement holds that a worker of any user, root too, sees only what the configuration and the system's libraries need.
func TestConfinement(t *testing.T) {
	t.Parallel()
	outside, err := os.MkdirTemp("/var", "moonring-test-") // /tmp is for everybody
	if err != nil {
		outside = "/nonexistent"
	}
	t.Cleanup(func() { os.RemoveAll(outside) })
	os.Chmod(outside, 0o777)
	if err == nil {
		if err := os.WriteFile(outside+"/f", nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		directives string
		confined   bool
	}{
		{"", true}, {"worker_confine off;", false}, {"worker_write_path " + outside + ";", true},
	} {
		user := ""
		if os.Geteuid() == 0 {
			user = "user root;"
		}
		s := newSite(t, "worker_processes 1;"+user+test.directives, opensServer)
		i := s.start()
		w := children(t, i.cmd.Process.Pid)[0]
		ask := func(path, mode string) bool {
			_, body, err := s.get("/open?f=" + path + "&m=" + mode)
			if err != nil {
				t.Fatal(err)
			}
			return body == "open\n"
		}
		if seccomp, nnp := procStatus(t, w, "Seccomp"), procStatus(t, w, "NoNewPrivs"); test.confined != (seccomp == "2" && nnp == "1") {
			t.Errorf("%q: Seccomp %s, NoNewPrivs %s", test.directives, seccomp, nnp)
		}
		for _, path := range []string{"/etc/shadow", "/root", "/proc/1/environ"} {
			if ask(path, "r") && test.confined {
				t.Errorf("%q: a worker opens %s", test.directives, path)
			}
		}
		named := strings.Contains(test.directives, outside)
		if outside != "/nonexistent" {
			if got, want := ask(outside+"/f", "r"), named || !test.confined; got != want {
				t.Errorf("%q: a worker opens %s: %v, want %v", test.directives, outside, got, want)
			}
			if got, want := ask(fmt.Sprintf("%s/%d", outside, w), "w"), named || !test.confined; got != want {
				t.Errorf("%q: a worker makes files in %s: %v, want %v", test.directives, outside, got, want)
			}
		}
		for _, path := range []string{"/etc/hosts", s.dir + "/nginx.conf", "/proc/self/status"} {
			if !ask(path, "r") {
				t.Errorf("%q: a worker can't open %s", test.directives, path)
			}
		}
		if ask(self, "a") && test.confined && !strings.HasPrefix(self, "/tmp") {
			t.Errorf("%q: a worker may write to %s", test.directives, self)
		}
		if log := s.read("logs/error.log"); strings.Contains(log, "Landlock") {
			t.Errorf("log:\n%s", log)
		}
	}
}
