package luatool

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Usage describes the command line.
const Usage = `usage: moonring lua [options]... [script [args]...]
  -e CHUNK        : run CHUNK before the script; may be given several times
  -i              : read lines from a person after the script
  -l, -bl         : list the bytecode of what is given, don't run it
  --profile FILE  : write where CPU time goes to FILE, for go tool pprof
  -v              : version
  -h              : this text
  --              : no options follow
  -               : read the script from standard input, and take no more options
Without anything to run lines are read from a person, or the script from a standard input that is no terminal.
`

// options is the command line.
type options struct {
	chunks      []string
	script      int // index in args; len(args) if there is none
	interactive bool
	list        bool
	version     bool
	help        bool
	profile     string
}

// parse reads the options, of which args[script:] is left.
func parse(args []string) (options, error) {
	var o options
	value := func(i int) (string, error) {
		if i >= len(args) {
			return "", fmt.Errorf("'%s' needs argument", args[i-1])
		}
		return args[i], nil
	}
	var err error
	i := 0
	for ; i < len(args) && err == nil; i++ {
		arg := args[i]
		if arg == "" || arg[0] != '-' || arg == "-" {
			break
		}
		switch arg {
		case "--":
			o.script = i + 1
			return o, nil
		case "-e":
			var code string
			i++
			code, err = value(i)
			o.chunks = append(o.chunks, code)
		case "--profile":
			i++
			if o.profile, err = value(i); err == nil && o.profile == "" {
				err = errors.New("'--profile' needs argument")
			}
		case "-i":
			o.interactive = true
		case "-l", "-bl":
			o.list = true
		case "-v":
			o.version = true
		case "-h", "--help":
			o.help = true
		default:
			if code := arg[2:]; arg[:2] == "-e" {
				o.chunks = append(o.chunks, code)
				continue
			}
			err = fmt.Errorf("unrecognized option '%s'", arg)
		}
	}
	o.script = min(i, len(args))
	return o, err
}

// Main does `moonring lua`: args are what follows, version is the build's. It returns the exit code.
func Main(args []string, version string, stdin, stdout *os.File, stderr io.Writer) int {
	o, err := parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "moonring: %v\n%s", err, Usage)
		return 1
	}
	if o.help {
		fmt.Fprint(stdout, Usage)
		return 0
	}
	banner := "Moonring " + version + ", Lua 5.1 as LuaJIT 2.1 speaks it"
	if o.version {
		fmt.Fprintln(stdout, banner)
	}
	t := &tool{options: o, args: args, stdin: stdin, stdout: stdout, stderr: stderr, banner: banner}
	something := o.script < len(args) || len(o.chunks) > 0
	if !something && !o.version && !o.interactive {
		if term.IsTerminal(int(stdin.Fd())) {
			t.interactive = true
		} else {
			t.args, t.script = append(args[:len(args):len(args)], "-"), len(args)
		}
	}
	if o.list {
		return t.listAll()
	}
	return t.run()
}

// source is the script's text and the name of its chunk.
func (t *tool) source() (text []byte, chunk string, err error) {
	name := t.args[t.script]
	if name == "-" {
		text, err = io.ReadAll(t.stdin)
		return text, "=stdin", err
	}
	text, err = os.ReadFile(name)
	return text, "@" + name, err
}
