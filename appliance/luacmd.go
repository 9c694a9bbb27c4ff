package appliance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/lib"
)

const luaUsage = "usage: moonring lua FILE [ARGS], moonring lua -e CODE [ARGS], moonring lua - [ARGS]"

// luaCommand does `moonring lua`: it runs one script, without a bound on its CPU time, and returns the exit code.
func luaCommand(args []string, stdin io.Reader, stdout *os.File, stderr io.Writer) int {
	fail := func(format string, a ...any) int {
		fmt.Fprintf(stderr, "moonring: "+format+"\n", a...)
		return 1
	}
	if len(args) == 0 {
		return fail("%s", luaUsage)
	}
	var source []byte
	var chunk string
	var err error
	switch name := args[0]; name {
	case "-e":
		if len(args) < 2 {
			return fail("-e needs code; %s", luaUsage)
		}
		source, chunk = []byte(args[1]), "=(command line)"
		args = args[1:]
		args[0] = "-e"
	case "-":
		source, err = io.ReadAll(stdin)
		chunk = "=stdin"
	default:
		source, err = os.ReadFile(name)
		chunk = "@" + name
	}
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			return fail("cannot open %s%s", pe.Path, errnoText(pe.Err))
		}
		return fail("%v", err)
	}
	vm, err := lua.New(lua.Config{})
	if err != nil {
		return fail("%v", err)
	}
	defer vm.Close()
	host := &scriptHost{out: bufio.NewWriterSize(stdout, 64<<10)}
	_, ttyErr := unix.IoctlGetTermios(int(stdout.Fd()), unix.TCGETS)
	host.lines = ttyErr == nil
	defer host.out.Flush()
	vm.SetHost(host)
	vm.SetStdout(host)
	vm.SetFileLoader(os.ReadFile)
	lib.Open(vm)
	defer lib.Close(vm)

	table := vm.NewTable(len(args), 1)
	values := make([]lua.Value, 0, len(args))
	for i, a := range args {
		v := vm.NewStringS(a)
		vm.RawSetInt(table, i, v)
		if i > 0 {
			values = append(values, v)
		}
	}
	if exe, err := os.Executable(); err == nil {
		vm.RawSetInt(table, -1, vm.NewStringS(exe))
	}
	vm.SetField(vm.Globals(), "arg", table)

	fn, err := vm.Load(lua.SkipShebang(source), chunk)
	if err != nil {
		return fail("%v", err)
	}
	th := vm.NewThread()
	if th == nil {
		return fail("%v", lua.ErrMemory)
	}
	status := th.Start(fn, values...)
	if status != lua.Aborted { // os.exit leaves without __gc, as C's exit does
		defer vm.Finalize()
	}
	switch status {
	case lua.Done:
		return 0
	case lua.Failed:
		host.out.Flush()
		return fail("%s\n%s", th.ErrString(), th.Traceback())
	case lua.Aborted:
		return host.status
	}
	host.out.Flush()
	return fail("attempt to yield across C-call boundary")
}

// scriptHost is what a script finds below it: standard output with a buffer, and an end of the process that flushes it.
type scriptHost struct {
	out    *bufio.Writer
	lines  bool // a person watches: every write shows at once
	status int
}

func (h *scriptHost) Write(p []byte) (int, error) {
	n, err := h.out.Write(p)
	if h.lines && err == nil {
		err = h.out.Flush()
	}
	return n, err
}

// Flush is found by io.flush.
func (h *scriptHost) Flush() error { return h.out.Flush() }

// Exit does os.exit: the script is aborted when it returns.
func (h *scriptHost) Exit(status int) { h.status = status }
