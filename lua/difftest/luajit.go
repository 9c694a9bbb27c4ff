package difftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// outputMax bounds what a script may print, in bytes: a runaway loop must not fill the memory.
const outputMax = 1 << 20

// referenceTimeout bounds one run on LuaJIT. Scripts take milliseconds; the machine may be busy.
const referenceTimeout = 60 * time.Second

// ErrNoLuaJIT says how to get the reference.
var ErrNoLuaJIT = errors.New("no LuaJIT: set MOONRING_LUAJIT to its path (`make deps` unpacks one to build/luajit/run) or put luajit in PATH")

// A LuaJIT is the reference implementation, a separate program.
type LuaJIT struct {
	path string
	env  []string
}

// FindLuaJIT looks at MOONRING_LUAJIT, then in PATH. For a binary inside an unpacked Debian package (ROOT/usr/bin/luajit with its
// library in ROOT/usr/lib/TRIPLET) it sets LD_LIBRARY_PATH by itself.
func FindLuaJIT() (*LuaJIT, error) {
	path := os.Getenv("MOONRING_LUAJIT")
	if path == "" {
		found, err := exec.LookPath("luajit")
		if err != nil {
			return nil, ErrNoLuaJIT
		}
		path = found
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoLuaJIT, err)
	}
	l := &LuaJIT{path: path}
	// Time zone and locale would change os.date; LUA_INIT and the path variables would change the state scripts start in.
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "LUA_") && !strings.HasPrefix(name, "LC_") && name != "TZ" && name != "LANG" {
			l.env = append(l.env, kv)
		}
	}
	l.env = append(l.env, "TZ=UTC", "LC_ALL=C")
	if libs, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "../lib/*/libluajit-5.1.so*")); len(libs) > 0 {
		l.env = append(l.env, "LD_LIBRARY_PATH="+filepath.Dir(libs[0]))
	}
	version, err := l.command(context.Background(), "", "-v").CombinedOutput()
	if err != nil || !bytes.HasPrefix(version, []byte("LuaJIT 2.")) {
		return nil, fmt.Errorf("%s -v printed %q: %w", path, version, errors.Join(err, ErrNoLuaJIT))
	}
	return l, nil
}

func (l *LuaJIT) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.path, args...)
	cmd.Dir, cmd.Env = dir, l.env
	return cmd
}

// program is how luajit begins an error message: with its own path.
var program = regexp.MustCompile(`^[^\s:]*luajit[^\s:]*: `)

// Run runs a script on the interpreter. The JIT stays off: the compiled string.sub of 2.1.0-beta3 20220320 gives ("hello"):sub(5, -5) == "o".
func (l *LuaJIT) Run(s Script) (Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), referenceTimeout)
	defer cancel()
	cmd := l.command(ctx, s.Dir, "-joff", s.File)
	stdout, stderr := &limited{cancel: cancel}, &limited{cancel: cancel}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case stdout.over || stderr.over:
		return Result{}, fmt.Errorf("%s prints more than %d bytes", s.Name, outputMax)
	case ctx.Err() != nil:
		return Result{}, fmt.Errorf("%s takes more than %v", s.Name, referenceTimeout)
	case err == nil:
		return Result{Stdout: stdout.Bytes()}, nil
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		message, _, _ := strings.Cut(program.ReplaceAllString(stderr.String(), ""), "\nstack traceback:\n")
		return Result{Stdout: stdout.Bytes(), Failed: true, Error: strings.TrimSuffix(message, "\n")}, nil
	default:
		return Result{}, fmt.Errorf("%s: %w: %s", s.Name, err, stderr.String())
	}
}

// limited is a buffer that ends the program when it is full.
type limited struct {
	bytes.Buffer
	over   bool
	cancel func()
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > outputMax {
		l.over = true
		l.cancel()
		return 0, errors.New("too much output")
	}
	return l.Buffer.Write(p)
}
