package luatool

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"moonring/lua"
	"moonring/lua/lib"
	"moonring/lua/profile"
	"moonring/proxy/api"
	"moonring/proxy/conf"
)

// tool is one run of the command.
type tool struct {
	options
	args          []string
	stdin, stdout *os.File
	stderr        io.Writer
	banner        string

	vm   *lua.VM
	host *host
	ints *interrupts
}

func (t *tool) fail(format string, a ...any) int {
	fmt.Fprintf(t.stderr, "moonring: "+format+"\n", a...)
	return 1
}

// failFile reports what went wrong with a file.
func (t *tool) failFile(verb string, err error) int {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return t.fail("cannot %s %s%s", verb, pe.Path, conf.ErrnoText(pe.Err))
	}
	return t.fail("%v", err)
}

// run makes a VM and runs in it what was asked for.
func (t *tool) run() int {
	var profiled *os.File
	if t.profile != "" {
		f, err := os.Create(t.profile)
		if err != nil {
			return t.failFile("create", err)
		}
		defer f.Close()
		profiled = f
	}
	vm, err := lua.New(lua.Config{})
	if err != nil {
		return t.fail("%v", err)
	}
	defer vm.Close()
	t.vm = vm
	t.host = &host{out: bufio.NewWriterSize(t.stdout, 64<<10), lines: term.IsTerminal(int(t.stdout.Fd()))}
	defer t.host.out.Flush()
	vm.SetHost(t.host)
	vm.SetStdout(t.host)
	vm.SetFileLoader(os.ReadFile)
	lib.Open(vm)
	defer lib.Close(vm)
	api.OpenModules(vm)
	t.setArgs()
	t.ints = watchInterrupts(vm)
	defer t.ints.stop()

	var p *profile.Profile
	if profiled != nil {
		p = profile.Start(vm)
	}
	code, aborted := t.runAll()
	if p != nil {
		p.Stop()
		if err := p.Write(profiled); err != nil {
			return t.failFile("write", err)
		}
	}
	if !aborted { // os.exit leaves without __gc, as C's exit does
		vm.Finalize()
	}
	return code
}

// runAll runs the chunks, the script, and what a person types; aborted tells that os.exit has ended it.
func (t *tool) runAll() (code int, aborted bool) {
	for _, chunk := range t.chunks {
		if code, aborted = t.chunk([]byte(chunk), "=(command line)"); code != 0 || aborted {
			return code, aborted
		}
	}
	if t.script < len(t.args) {
		text, chunk, err := t.source()
		if err != nil {
			return t.failFile("open", err), false
		}
		values := make([]lua.Value, 0, len(t.args))
		for _, a := range t.args[t.script+1:] {
			values = append(values, t.vm.NewStringS(a))
		}
		if code, aborted = t.chunk(lua.SkipShebang(text), chunk, values...); code != 0 || aborted {
			return code, aborted
		}
	}
	if t.interactive {
		return t.talk()
	}
	return 0, false
}

// setArgs sets the global arg: the script is number 0.
func (t *tool) setArgs() {
	vm := t.vm
	table := vm.NewTable(len(t.args), 1)
	for i, a := range t.args {
		vm.RawSetInt(table, i-t.script, vm.NewStringS(a))
	}
	if exe, err := os.Executable(); err == nil {
		vm.RawSetInt(table, -1-t.script, vm.NewStringS(exe))
	}
	vm.SetField(vm.Globals(), "arg", table)
}

// chunk runs source.
func (t *tool) chunk(source []byte, name string, args ...lua.Value) (code int, aborted bool) {
	pins := make([]lua.Ref, len(args))
	for i, v := range args { // until they are on a stack
		pins[i] = t.vm.Pin(v)
	}
	fn, err := t.vm.Load(source, name)
	for _, p := range pins {
		t.vm.Unpin(p)
	}
	if err != nil {
		return t.fail("%v", err), false
	}
	th := t.vm.NewThread()
	if th == nil {
		return t.fail("%v", lua.ErrMemory), false
	}
	defer th.Release()
	switch th.Start(fn, args...) {
	case lua.Done:
		return 0, false
	case lua.Aborted:
		return t.host.status, true
	case lua.Failed:
		t.host.out.Flush()
		return t.fail("%s\n%s", th.ErrString(), th.Traceback()), false
	}
	t.host.out.Flush()
	return t.fail("attempt to yield across C-call boundary"), false
}

// host is what a script finds below it: standard output with a buffer, and an end of the process that flushes it.
type host struct {
	out    *bufio.Writer
	lines  bool // a person watches: every write shows at once
	status int
}

func (h *host) Write(p []byte) (int, error) {
	n, err := h.out.Write(p)
	if h.lines && err == nil {
		err = h.out.Flush()
	}
	return n, err
}

// Flush is found by io.flush.
func (h *host) Flush() error { return h.out.Flush() }

// Exit does os.exit: the script is aborted when it returns.
func (h *host) Exit(status int) { h.status = status }
