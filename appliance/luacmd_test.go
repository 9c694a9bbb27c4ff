package appliance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLuaCommand(t *testing.T) {
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
		{"code", []string{"-e", "print(select('#', ...), ...)", "1", "2"}, "", 0, "2\t1\t2\n", ""},
		{"standard input", []string{"-", "z"}, "io.write(..., '\\n')", 0, "z\n", ""},
		{"the libraries are there", []string{"-e", "print(string.rep('a', 3), bit.bxor(5, 1), #table.concat({1, 2}, ','), math.floor(2.5), type(os.time()))"}, "", 0, "aaa\t4\t3\t2\tnumber\n", ""},
		{"os.exit gives the code and flushes", []string{"-e", "io.write('out') os.exit(7)"}, "", 7, "out", ""},
		{"an error", []string{"-e", "print('before')\nlocal function f() error('boom') end\nf()"}, "", 1, "before\n",
			"moonring: (command line):2: boom\n" + trace("[C]: in function 'error'", "(command line):2: in function 'f'", "(command line):3: in main chunk")},
		{"a syntax error", []string{"-"}, "x = = 1", 1, "", "moonring: stdin:1: unexpected symbol near '='\n"},
		{"a file that isn't there", []string{"/nowhere.lua"}, "", 1, "", "moonring: cannot open /nowhere.lua (2: No such file or directory)\n"},
		{"a yield with nobody to take it", []string{"-e", "coroutine.yield(1)"}, "", 1, "", "moonring: "},
		{"finalizers run at the end", []string{"-e", "getmetatable(newproxy(true)).__gc = function() print('gc') end print('end')"}, "", 0, "end\ngc\n", ""},
		{"an open file is written out at the end", []string{"-e", "f = io.open(..., 'w') f:write('kept')", script + ".out"}, "", 0, "", ""},
		{"as os.exit does", []string{"-e", "f = io.open(..., 'a') f:write(' too') getmetatable(newproxy(true)).__gc = print os.exit(0)", script + ".out"}, "", 0, "", ""},
		{"no file", nil, "", 1, "", "moonring: usage: "},
		{"no code", []string{"-e"}, "", 1, "", "moonring: -e needs code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cmd := exec.Command(program, append([]string{"lua"}, test.args...)...)
			cmd.Stdin = strings.NewReader(test.stdin)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if stdout.String() != test.stdout {
				t.Errorf("stdout %q, want %q", stdout.String(), test.stdout)
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
