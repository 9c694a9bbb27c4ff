package appliance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseArgs(t *testing.T) {
	tests := []struct {
		name string
		args string
		want invocation
		err  string
	}{
		{name: "nothing", want: invocation{prefix: defaultPrefix}},
		{name: "values behind their letters", args: "-p /a -c b -e c -g d; -s stop",
			want: invocation{prefix: "/a/", confPath: "b", errorLog: "c", globals: "d;", signal: "stop"}},
		{name: "values joined to their letters", args: "-p/a/ -cb -squit", want: invocation{prefix: "/a/", confPath: "b", signal: "quit"}},
		{name: "letters joined", args: "-tqc x", want: invocation{prefix: defaultPrefix, test: true, quiet: true, confPath: "x"}},
		{name: "dump is a test", args: "-T", want: invocation{prefix: defaultPrefix, test: true, dump: true}},
		{name: "long version", args: "-V", want: invocation{prefix: defaultPrefix, version: true, build: true}},
		{name: "help", args: "-?", want: invocation{prefix: defaultPrefix, help: true}},
		{name: "no option", args: "start", err: `invalid option: "start"`},
		{name: "unknown letter", args: "-tz", err: `invalid option: "z"`},
		{name: "unknown signal", args: "-s halt", err: `invalid option: "-s halt"`},
		{name: "no prefix", args: "-p", err: `option "-p" requires directory name`},
		{name: "no file", args: "-c", err: `option "-c" requires file name`},
		{name: "no log", args: "-te", err: `option "-e" requires file name`},
		{name: "no directives", args: "-g", err: `option "-g" requires parameter`},
		{name: "no signal", args: "-s", err: `option "-s" requires parameter`},
		{name: "a dash alone", args: "-", err: `invalid option: "-"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseArgs(strings.Fields(test.args))
			switch {
			case test.err != "":
				if err == nil || err.Error() != test.err {
					t.Errorf("error %v, want %s", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case *got != test.want:
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	const line = "moonring version: nginx/1.27.1 (moonring v0-test)\n"
	if code, stdout, stderr := execute(t, "-v"); code != 0 || stdout != "" || stderr != line {
		t.Errorf("-v: %d, %q, %q", code, stdout, stderr)
	}
	if code, _, stderr := execute(t, "-V"); code != 0 || !strings.HasPrefix(stderr, line) || !strings.Contains(stderr, "\nregular expressions by pcre2 10.40, ") ||
		!strings.Contains(stderr, "\nconfigure arguments: ") {
		t.Errorf("-V: %d, %q", code, stderr)
	}
	if code, _, stderr := execute(t, "-h"); code != 0 || !strings.HasPrefix(stderr, line+"Usage: ") {
		t.Errorf("-h: %d, %q", code, stderr)
	}
	if code, stdout, _ := execute(t, "help"); code != 0 || !strings.HasPrefix(stdout, line+"Usage: ") {
		t.Errorf("help: %d, %q", code, stdout)
	}
	if code, _, stderr := execute(t, "-x"); code != 1 || stderr != "moonring: invalid option: \"x\"\n" {
		t.Errorf("-x: %d, %q", code, stderr)
	}
}

func TestConfigurationTest(t *testing.T) {
	t.Parallel()
	s := newSite(t, idleConf, "include more.conf;")
	s.write("more.conf", pidServer)
	file := filepath.Join(s.dir, "nginx.conf")
	syntaxOK := "moonring: the configuration file " + file + " syntax is ok\n"
	good := syntaxOK + "moonring: configuration file " + file + " test is successful\n"
	if code, stdout, stderr := execute(t, s.args("-t")...); code != 0 || stdout != "" || stderr != good {
		t.Errorf("-t: %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := execute(t, s.args("-tq")...); code != 0 || stdout+stderr != "" {
		t.Errorf("-tq: %d, %q, %q", code, stdout, stderr)
	}
	want := "# configuration file " + file + ":\n" + s.read("nginx.conf") + "\n# configuration file " + s.dir + "/more.conf:\n" + s.read("more.conf") + "\n"
	if code, stdout, stderr := execute(t, s.args("-T")...); code != 0 || stdout != want || stderr != good {
		t.Errorf("-T: %d, %q, %q", code, stdout, stderr)
	}
	// An address in use doesn't matter.
	i := s.start()
	if code, _, stderr := execute(t, s.args("-t")...); code != 0 || stderr != good {
		t.Errorf("-t beside a server: %d, %q", code, stderr)
	}
	if pid := daemonPID(s); pid != i.cmd.Process.Pid {
		t.Errorf("-t changed the pid file to %d", pid)
	}

	failed := "moonring: configuration file " + file + " test failed\n"
	s.write("more.conf", "\nserver { listen 127.0.0.1:@PORT@; moon full; }")
	want = "moonring: [emerg] unknown directive \"moon\" in " + s.dir + "/more.conf:2\n"
	if code, _, stderr := execute(t, s.args("-t")...); code != 1 || stderr != want+failed {
		t.Errorf("-t with a bad file: %d, %q, want %q", code, stderr, want+failed)
	}
	if code, _, stderr := execute(t, s.args("-e", "logs/early.log")...); code != 1 || stderr != want {
		t.Errorf("start with a bad file: %d, %q, want %q", code, stderr, want)
	}
	// As in nginx, a standard error that is the log has each message once, as a log has it.
	if code, _, stderr := execute(t, s.args("-t", "-e", "stderr")...); code != 1 || !logLine.MatchString(stderr) || strings.Count(stderr, "unknown directive") != 1 || !strings.HasSuffix(stderr, failed) {
		t.Errorf("-t -e stderr with a bad file: %d, %q", code, stderr)
	}
	if log := s.read("logs/early.log"); !logLine.MatchString(log) || !strings.Contains(log, `[emerg] `) || !strings.HasSuffix(log, " in "+s.dir+"/more.conf:2\n") {
		t.Errorf("the log of -e: %q", log)
	}
	if _, _, err := s.get("/"); err != nil {
		t.Errorf("the running server: %v", err)
	}
	i.signal(unix.SIGQUIT)
	i.wait()

	// What only shows when things are opened.
	s.write("more.conf", pidServer)
	for directives, path := range map[string]string{"pid nowhere/x.pid;": "/nowhere/x.pid", "error_log nowhere/x.log;": "/nowhere/x.log"} {
		want := fmt.Sprintf("moonring: [emerg] open() %q failed (2: No such file or directory)\n", s.dir+path)
		if code, _, stderr := execute(t, s.args("-t", "-g", directives)...); code != 1 || stderr != syntaxOK+want+failed {
			t.Errorf("-t -g '%s': %d, %q, want %q", directives, code, stderr, syntaxOK+want+failed)
		}
		for _, daemon := range []string{"on", "off"} {
			if code, _, stderr := execute(t, s.args("-g", "daemon "+daemon+"; "+directives)...); code != 1 || stderr != want {
				t.Errorf("daemon %s, -g '%s': %d, %q, want %q", daemon, directives, code, stderr, want)
			}
		}
	}
}

func TestSealedGeneration(t *testing.T) {
	s := newSite(t, "worker_processes 3;", "lua_package_path '/x/?.lua;;'; init_by_lua_file init.lua;"+pidServer)
	s.write("init.lua", "x = 1")
	inv, err := parseArgs(s.args())
	if err != nil {
		t.Fatal(err)
	}
	g, _, err := inv.load()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := g.seal()
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "generation")
	defer f.Close()
	if _, err := f.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a sealed generation can be written to")
	}
	// What is on disk no longer matters.
	s.write("init.lua", "x = 2")
	s.write("nginx.conf", "nonsense")
	got, err := unseal(fd)
	if err != nil {
		t.Fatal(err)
	}
	if got.workers() != 3 || string(got.cfg.HTTP.Init.Source) != "x = 1" || got.Hostname != g.Hostname || got.CPUs != g.CPUs {
		t.Errorf("got %+v", got)
	}
	if text, err := got.readFile(filepath.Join(s.dir, "init.lua")); err != nil || string(text) != "x = 1" {
		t.Errorf("file of the generation: %q, %v", text, err)
	}
	s.write("other.lua", "y")
	if text, err := got.readFile(filepath.Join(s.dir, "other.lua")); err != nil || string(text) != "y" {
		t.Errorf("file that is no part of it: %q, %v", text, err)
	}
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, err := unseal(int(null.Fd())); err == nil || !strings.Contains(err.Error(), startVariable) {
		t.Errorf("a descriptor without a generation: %v", err)
	}
}
