package luatool

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The test's binary is the command when this is set.
const asCommand = "LUATOOL_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main(os.Args[1:], "9.9", os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// command is `moonring lua args`, in an empty home.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "HOME="+t.TempDir())
	return cmd
}

func TestCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := filepath.Join(dir, "a.lua")
	if err := os.WriteFile(script, []byte("#!/usr/bin/env -S moonring lua\nlocal a, b = ...\nprint(a, b, #arg, arg[0] == '"+script+"', arg[1], arg[-1] ~= nil)\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	trace := func(lines ...string) string { return "stack traceback:\n\t" + strings.Join(lines, "\n\t") }
	tests := []struct {
		name   string
		args   []string
		stdin  string
		code   int
		stdout string
		stderr string // its beginning
	}{
		{"a file with arguments", []string{script, "x", "y"}, "", 0, "x\ty\t2\ttrue\tx\ttrue\n", ""},
		{"code", []string{"-e", "print(select('#', ...), #arg)"}, "", 0, "0\t0\n", ""},
		{"code before a file, with its arguments", []string{"-e", "x = 1", "-e", "print(x, arg[1], arg[-1], arg[-4])", script, "y"}, "", 0,
			"1\ty\tprint(x, arg[1], arg[-1], arg[-4])\t-e\ny\tnil\t1\ttrue\ty\ttrue\n", ""},
		{"code joined to its option", []string{"-eprint(1)"}, "", 0, "1\n", ""},
		{"an error ends it", []string{"-e", "error('a', 0)", "-e", "print(2)"}, "", 1, "", "moonring: a\n"},
		{"a file whose name looks like an option", []string{"-e", "io.write('a')", "--", script}, "", 0, "anil\tnil\t0\ttrue\tnil\ttrue\n", ""},
		{"standard input that is no terminal", nil, "print(arg[0], ...)", 0, "-\n", ""},
		{"the version", []string{"-v"}, "", 0, "Moonring 9.9, Lua 5.1 as LuaJIT 2.1 speaks it\n", ""},
		{"help", []string{"-h"}, "", 0, Usage, ""},
		{"an option that isn't there", []string{"-x"}, "", 1, "", "moonring: unrecognized option '-x'\nusage: "},
		{"modules that need no server", []string{"-e", "print(require('resty.string').to_hex(require('resty.md5'):new() and 'a'), #require('resty.random').bytes(5), " +
			"require('ngx.base64').encode_base64url('??>'), require('cjson').encode({1}), type(require('resty.core')))"}, "", 0, "61\t5\tPz8-\t[1]\ttable\n", ""},
		{"a cache that knows the time", []string{"-e", "local c = require('resty.lrucache').new(2) c:set('a', 1) c:set('b', 2, 0.001) local t = os.clock() " +
			"while os.clock() < t + 0.01 do end print(c:get('a'), c:get('b'))"}, "", 0, "1\tnil\t2\t0\n", ""},
		{"a module that needs one", []string{"-e", "print(package.preload['ngx.process'], type(package.preload['resty.md5']))"}, "", 0, "nil\tfunction\n", ""},
		{"bytecode", []string{"-l", "-e", "return 1 + x"}, "", 0, "(command line)\nfunction 0-1 params 0+ frame 1\n0 1 GGET r0 \"x\"\n1 1 ADDKV r0 r0 1\n2 1 RET1 r0 0\n", ""},
		{"bytecode as LuaJIT asks for it", []string{"-bl", script}, "", 0, script + "\nfunction 0-4 params 0+ frame 11\n0 2 VARG r0 3\n", ""},
		{"bytecode of standard input", []string{"-l"}, "return", 0, "stdin\nfunction 0-1 params 0+ frame 1\n0 1 RET0 0\n", ""},
		{"lines", []string{"-i"}, "x = 4\nx\n= x + 1\n", 0, "Moonring 9.9, Lua 5.1 as LuaJIT 2.1 speaks it\n> > 4\n> 5\n> \n", ""},
		{"lines that go on", []string{"-i", "-e", "_PROMPT, _PROMPT2 = '', ''"}, "for i = 1, 2 do\nprint(i)\nend\n'a' ..\n'b'\nlocal t = {\n}\nmath.max(\n1, 2)\nreturn 1, nil\n", 0,
			"Moonring 9.9, Lua 5.1 as LuaJIT 2.1 speaks it\n1\n2\nab\n2\n1\tnil\n\n", ""},
		{"lines with errors", []string{"-i", "-e", "_PROMPT = ''"}, "x = = 1\nerror({})\nlocal function f() error('b') end f()\n7\nos.exit(3)\n8\n", 3,
			"Moonring 9.9, Lua 5.1 as LuaJIT 2.1 speaks it\n7\n", "stdin:1: unexpected symbol near '='\n"},
		{"standard input", []string{"-", "z"}, "io.write(..., '\\n')", 0, "z\n", ""},
		{"the libraries are there", []string{"-e", "print(string.rep('a', 3), bit.bxor(5, 1), #table.concat({1, 2}, ','), math.floor(2.5), type(os.time()))"}, "", 0, "aaa\t4\t3\t2\tnumber\n", ""},
		{"os.exit gives the code and flushes", []string{"-e", "io.write('out') os.exit(7)"}, "", 7, "out", ""},
		{"an error", []string{"-e", "print('before')\nlocal function f() error('boom') end\nf()"}, "", 1, "before\n",
			"moonring: (command line):2: boom\n" + trace("[C]: in function 'error'", "(command line):2: in function 'f'", "(command line):3: in main chunk")},
		{"a syntax error", []string{"-"}, "x = = 1", 1, "", "moonring: stdin:1: unexpected symbol near '='\n"},
		{"a file that isn't there", []string{"/nowhere.lua"}, "", 1, "", "moonring: cannot open /nowhere.lua (2: No such file or directory)\n"},
		{"a yield with nobody to take it", []string{"-e", "coroutine.yield(1)"}, "", 1, "", "moonring: "},
		{"finalizers run at the end", []string{"-e", "getmetatable(newproxy(true)).__gc = function() print('gc') end print('end')"}, "", 0, "end\ngc\n", ""},
		{"an open file is written out at the end", []string{"-e", "f = io.open('" + script + ".out', 'w') f:write('kept')"}, "", 0, "", ""},
		{"as os.exit does", []string{"-e", "f = io.open('" + script + ".out', 'a') f:write(' too') getmetatable(newproxy(true)).__gc = print os.exit(0)"}, "", 0, "", ""},
		{"no code", []string{"-e"}, "", 1, "", "moonring: '-e' needs argument\nusage: "},
		{"a place where no profile can be", []string{"--profile", "/nowhere/p", "-e", "print(1)"}, "", 1, "", "moonring: cannot create /nowhere/p (2: No such file or directory)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cmd := command(t, test.args...)
			cmd.Stdin = strings.NewReader(test.stdin)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if got := stdout.String(); got != test.stdout && !(test.args != nil && test.args[0] == "-bl" && strings.HasPrefix(got, test.stdout)) {
				t.Errorf("stdout %.300q, want %q", stdout.String(), test.stdout)
			}
			if !strings.HasPrefix(stderr.String(), test.stderr) || test.stderr == "" && stderr.Len() > 0 {
				t.Errorf("stderr %q, want %q", stderr.String(), test.stderr)
			}
		})
	}
	if out, err := os.ReadFile(script + ".out"); err != nil || string(out) != "kept too" {
		t.Errorf("the file holds %q, %v; want what was written and never flushed", out, err)
	}
}
