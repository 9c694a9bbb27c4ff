package difftest

import (
	"bytes"
	"errors"
	"fmt"

	"moonring/lua"
	"moonring/lua/lib"
)

// memoryLimit of the engine, in bytes. The scripts' largest live set is some 10 MB.
const memoryLimit = 256 << 20

// instrBudget ends a script that doesn't end, in steps of lua.Config.InstrBudget; the longest script takes some 10 million.
const instrBudget = 300_000_000

// errTooMuchOutput is reported for a script that prints without end.
var errTooMuchOutput = errors.New("too much output")

// RunEngine runs a script on our engine, as a program's main chunk: coroutine.yield has nobody to yield to.
func RunEngine(s Script) (Result, error) { return RunBy(s, start) }

func start(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
	thread := vm.NewThread()
	return thread, thread.Start(chunk), nil
}

// RunDumped is RunEngine by way of string.dump's bytecode.
func RunDumped(s Script) (Result, error) {
	return RunBy(s, func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
		b, _ := vm.Dump(nil, chunk, false)
		chunk, err := vm.Load(b, "=dumped")
		if err != nil {
			return nil, 0, err
		}
		return start(vm, chunk)
	})
}

// RunHooked is RunEngine with a hook that is called often.
func RunHooked(s Script) (Result, error) {
	return RunBy(s, func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
		pin := vm.Pin(chunk)
		fn, err := vm.Load([]byte("local n = 0 debug.sethook(function(...) n = n + #{...} + #tostring(n) end, '', 20)"), "=before")
		if err != nil {
			return nil, 0, err
		}
		if _, err = vm.Call(fn); err != nil {
			return nil, 0, err
		}
		return start(vm, vm.Pinned(pin))
	})
}

// RunBy is RunEngine with a way of one's own to run the chunk, to its end.
func RunBy(s Script, run func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error)) (Result, error) {
	vm, err := lua.New(lua.Config{MemoryLimit: memoryLimit, InstrBudget: instrBudget})
	if err != nil {
		return Result{}, err
	}
	defer vm.Close()
	stdout := &limited{cancel: func() {}}
	vm.SetStdout(stdout)
	lib.Open(vm)
	chunk, err := vm.Load(lua.SkipShebang(s.Source), "@"+s.File)
	if err != nil {
		return Result{Failed: true, Error: err.Error()}, nil
	}
	thread, status, err := run(vm, chunk)
	if err != nil {
		return Result{}, err
	}
	if stdout.over {
		return Result{}, errTooMuchOutput
	}
	result := Result{Stdout: bytes.Clone(stdout.Bytes())}
	switch status {
	case lua.Done:
		return result, nil
	case lua.Failed:
		result.Failed, result.Error = true, errorText(thread)
		return result, nil
	default:
		return Result{}, fmt.Errorf("the script neither returned nor failed: status %d after %q", status, result.Stdout)
	}
}

// errorText is the message luajit prints for an uncaught error: nothing for nil, a phrase for what has no text.
func errorText(thread *lua.Thread) string {
	if thread.Err().IsNil() {
		return ""
	}
	if text := thread.ErrString(); text != "unknown reason" {
		return text
	}
	return "(error object is not a string)"
}
