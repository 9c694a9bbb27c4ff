package appliance

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"moonring/appliance/luatool"
	"moonring/proxy"
)

// defaultPrefix is where relative names start without -p.
const defaultPrefix = "/usr/local/moonring/"

const usage = `Usage: moonring [-?hvVtTq] [-s signal] [-p prefix] [-e filename] [-c filename] [-g directives]
       moonring run DIR
       moonring lua [OPTIONS] [FILE [ARGS]]
       moonring help

Without a subcommand the server of the configuration file is started.

Options:
  -?,-h         : this text
  -v            : version
  -V            : version and how this binary was built
  -t            : test the configuration, then exit
  -T            : test the configuration, print it, then exit
  -q            : with -t, print errors only
  -s signal     : tell the running master: stop, quit, reopen, reload
  -p prefix     : folder at which relative names start (default: ` + defaultPrefix + `)
  -e filename   : error log for what comes before the configuration's (default: logs/error.log; stderr is possible)
  -c filename   : configuration file (default: conf/nginx.conf)
  -g directives : directives of the main context, read before the file

Subcommands:
  run DIR       : serve DIR/nginx.conf (or DIR/conf/nginx.conf) in the foreground, as the user who calls it, logging to
                  the terminal; on another port if the configured one is taken
  lua FILE      : run a Lua script; without one, read lines and run them; "lua -h" tells more
`

// invocation is the command line.
type invocation struct {
	prefix, confPath, errorLog, globals, signal string

	help, version, build, test, dump, quiet bool
}

// A process of ours stays on its main thread: log lines have the process's id as the thread's, and hung signals that thread. When main begins, its goroutine may
// have been moved already; only initialisation is sure to run there.
func init() {
	if _, ok := os.LookupEnv(startVariable); ok {
		runtime.LockOSThread()
	}
}

// Main runs the program: args are those of the command line without the program's name, version is the build's. It returns the exit
// code.
func Main(args []string, version string) int {
	if version == "" {
		version = "unknown"
	}
	if role, ok := os.LookupEnv(startVariable); ok {
		os.Unsetenv(startVariable)
		return resume(role, version)
	}
	if len(args) > 0 {
		switch args[0] {
		case "run":
			return runDir(args[1:], version)
		case "lua":
			return luatool.Main(args[1:], version, os.Stdin, os.Stdout, os.Stderr)
		case "help", "--help":
			printVersion(os.Stdout, version)
			fmt.Print(usage)
			return 0
		}
	}
	inv, err := parseArgs(args)
	if err != nil {
		complain("%v", err)
		return 1
	}
	if inv.help || inv.version {
		printVersion(os.Stderr, version)
		switch {
		case inv.help:
			fmt.Fprint(os.Stderr, usage)
		case inv.build:
			printBuild(os.Stderr)
		}
		if !inv.test {
			return 0
		}
	}
	return inv.do(version)
}

// do tests, signals or serves.
func (inv *invocation) do(version string) int {
	g, notices, err := inv.load()
	if err != nil {
		inv.report(err)
		if inv.test {
			complain("configuration file %s test failed", inv.confFile())
		}
		return 1
	}
	switch {
	case inv.signal != "":
		return signalMaster(g.cfg.PID, inv.signal)
	case inv.test:
		return inv.testConfig(g, notices)
	}
	g.Version = version
	return launch(g)
}

// parseArgs reads the options as ngx_get_options does: letters may be joined, a value may follow its letter at once.
func parseArgs(args []string) (*invocation, error) {
	inv := &invocation{prefix: defaultPrefix}
	for i := 0; i < len(args); i++ {
		letters, ok := strings.CutPrefix(args[i], "-")
		if !ok || letters == "" {
			return nil, fmt.Errorf("invalid option: %q", args[i])
		}
		for letters != "" {
			c := letters[0]
			letters = letters[1:]
			value := func(target *string, what string) error {
				if letters == "" {
					i++
					if i >= len(args) || args[i] == "" {
						return fmt.Errorf(`option "-%c" requires %s`, c, what)
					}
					letters = args[i]
				}
				*target, letters = letters, ""
				return nil
			}
			var err error
			switch c {
			case '?', 'h':
				inv.help = true
			case 'v':
				inv.version = true
			case 'V':
				inv.version, inv.build = true, true
			case 't':
				inv.test = true
			case 'T':
				inv.test, inv.dump = true, true
			case 'q':
				inv.quiet = true
			case 'p':
				err = value(&inv.prefix, "directory name")
			case 'e':
				err = value(&inv.errorLog, "file name")
			case 'c':
				err = value(&inv.confPath, "file name")
			case 'g':
				err = value(&inv.globals, "parameter")
			case 's':
				if err = value(&inv.signal, "parameter"); err == nil && signalByName[inv.signal] == 0 {
					err = fmt.Errorf(`invalid option: "-s %s"`, inv.signal)
				}
			default:
				err = fmt.Errorf(`invalid option: "%c"`, c)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	abs, err := filepath.Abs(inv.prefix)
	if err != nil {
		return nil, err
	}
	inv.prefix = strings.TrimSuffix(abs, "/") + "/"
	return inv, nil
}

// confFile is the name of the configuration file in messages.
func (inv *invocation) confFile() string {
	file := inv.confPath
	if file == "" {
		file = "conf/nginx.conf"
	}
	return inv.under(file)
}

func (inv *invocation) under(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return inv.prefix + name
}

func printVersion(w io.Writer, version string) {
	fmt.Fprintf(w, "moonring version: nginx/%s (moonring %s)\n", proxy.NginxVersion, version)
}

// printBuild prints the rest of -V. Scripts look there for what a build lacks.
func printBuild(w io.Writer) {
	fmt.Fprintf(w, "built by %s for %s/%s, without cgo\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(w, "regular expressions by pcre2 %s, translated to Go\n", proxy.PCREVersion)
	fmt.Fprintf(w, "configure arguments: --prefix=%s --conf-path=%sconf/nginx.conf --error-log-path=%slogs/error.log --pid-path=%slogs/nginx.pid"+
		" --without-http_fastcgi_module --without-http_scgi_module --without-http_uwsgi_module\n",
		defaultPrefix, defaultPrefix, defaultPrefix, defaultPrefix)
}

// complain writes a line to standard error as nginx does before it has a log.
func complain(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "moonring: "+format+"\n", args...)
}
