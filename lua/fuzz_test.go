package lua_test

import (
	"errors"
	"flag"
	"io"
	"testing"

	"moonring/lua"
	"moonring/lua/difftest"
	"moonring/lua/lib"
)

var (
	errNoFiles = errors.New("no files here")

	// probe suspends: its results are what the host resumes it with.
	probeID = lua.Register("probe", func(c *lua.Call) lua.Ret { return c.Suspend() })
	// quit ends the whole chain of coroutines.
	quitID = lua.Register("quit", func(c *lua.Call) lua.Ret { return c.Abort() })
)

// newVM makes a VM with all libraries, but for what reaches out of the process.
func newVM(t testing.TB, cfg lua.Config) *lua.VM {
	vm, err := lua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	vm.OpenBase()
	lib.Open(vm)
	vm.SetStdout(io.Discard)
	vm.SetFileLoader(func(string) ([]byte, error) { return nil, errNoFiles })
	g := vm.Globals()
	clearTable(vm, vm.Field(g, "io"))
	for _, name := range []string{"execute", "exit", "remove", "rename", "tmpname"} {
		vm.SetField(vm.Field(g, "os"), name, lua.Nil)
	}
	vm.SetField(g, "dofile", lua.Nil)
	vm.SetField(g, "loadfile", lua.Nil)
	vm.SetField(vm.Registry(), "FILE*", lua.Nil)
	vm.SetField(g, "probe", vm.Builtin(probeID))
	vm.SetField(g, "quit", vm.Builtin(quitID))
	return vm
}

// mustCall gives what a chunk returns.
func mustCall(t testing.TB, vm *lua.VM, source string) []lua.Value {
	t.Helper()
	fn, err := vm.Load([]byte(source), "=test")
	if err != nil {
		t.Fatal(err)
	}
	values, err := vm.Call(fn)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func clearTable(vm *lua.VM, t lua.Value) {
	for {
		k, _, _ := vm.Next(t, lua.Nil)
		if k.IsNil() {
			return
		}
		vm.RawSet(t, k, lua.Nil)
	}
}

// afterwards is what a VM must still be able to do after anything.
const afterwards = `
	local t = {}
	for i = 1, 20 do t[i] = ("x"):rep(i) end
	local co = coroutine.wrap(function(...) local a = coroutine.yield(...) error(a, 0) end)
	local n = co(#table.concat(t), 2)
	return n, select("#", pcall(co, "e"))`

// checkAlive reports what is wrong with a VM between runs.
func checkAlive(t testing.TB, vm *lua.VM) {
	t.Helper()
	if err := vm.CheckHeap(); err != nil {
		t.Fatalf("heap: %v", err)
	}
	vm.SetBudget(0, 0)
	fn, err := vm.Load([]byte(afterwards), "=afterwards")
	if err != nil {
		t.Fatalf("afterwards: %v", err)
	}
	res, err := vm.Call(fn)
	if err != nil || len(res) != 2 || res[0] != lua.Int(210) || res[1] != lua.Int(2) {
		t.Fatalf("afterwards: %v, %v", res, err)
	}
	vm.Collect()
	if err := vm.CheckHeap(); err != nil {
		t.Fatalf("heap after a collection: %v", err)
	}
}

// finish runs fn on a thread, resuming it at most n times: with values, or with
// an error where fail says so.
func finish(vm *lua.VM, fn lua.Value, n int, fail func(i int) bool, args ...lua.Value) (*lua.Thread, lua.Status) {
	th := vm.NewThread()
	if th == nil {
		return nil, lua.Failed
	}
	status := th.Start(fn, args...)
	for i := 0; i < n && (status == lua.Suspended || status == lua.Yielded); i++ {
		if fail(i) {
			status = th.ResumeError(lua.True)
		} else {
			status = th.Resume(lua.Int(i), lua.True)
		}
	}
	return th, status
}

// fuzzOne runs source on a VM of its own. The bits of mode choose the bounds.
func fuzzOne(t testing.TB, source []byte, mode uint8) {
	cfg := lua.Config{MemoryLimit: 8 << 20, InstrBudget: 200_000, Compat52: mode&1 != 0}
	if mode&2 != 0 {
		cfg.GCStress, cfg.InstrBudget = true, 300
	}
	if mode&4 != 0 {
		cfg.InstrBudget = 50
	}
	vm := newVM(t, cfg)
	defer vm.Close()
	if mode&8 != 0 {
		vm.SetMemoryLimit(vm.MemoryUsed() + 20<<10)
	}
	fn, err := vm.Load(source, "=fuzz")
	if err == nil {
		ref := vm.Pin(fn)
		for round := 0; round < 2; round++ {
			th, status := finish(vm, fn, 20, func(i int) bool { return mode&16 != 0 && i%3 == 2 }, lua.Int(1), lua.True)
			if th == nil {
				break
			}
			th.SetYieldable(mode&32 != 0)
			if status == lua.Failed {
				_ = th.ErrString()
			}
			if err := vm.CheckHeap(); err != nil {
				t.Fatalf("heap, after status %v: %v", status, err)
			}
			th.Release()
		}
		vm.Unpin(ref)
	}
	if used := vm.MemoryUsed(); used > 8<<20 {
		t.Fatalf("%d bytes in use", used)
	}
	vm.SetMemoryLimit(16 << 20)
	checkAlive(t, vm)
}

// FuzzRun looks for sources that the engine can't stand.
func FuzzRun(f *testing.F) {
	scripts, err := difftest.Scripts("difftest/testdata")
	if err != nil {
		f.Fatal(err)
	}
	for i, s := range scripts {
		f.Add(s.Source, uint8(i))
	}
	for _, s := range hostile {
		f.Add([]byte(s.src), uint8(0))
	}
	f.Fuzz(fuzzSource)
}

func fuzzSource(t *testing.T, source []byte, mode uint8) { fuzzOne(t, source, mode) }

// FuzzProgram does the same with random programs, whose decisions are data.
func FuzzProgram(f *testing.F) {
	for i := range uint64(50) {
		r := difftest.NewSource(7, i)
		data := make([]byte, 1000)
		for k := range data {
			data[k] = byte(r.IntN(256))
		}
		f.Add(data, uint8(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, mode uint8) {
		fuzzOne(t, randomSource(difftest.NewBytes(data)), mode)
	})
}

// randomSource is a random program as one chunk. There are calls that wait for
// the host and that end everything among its functions.
func randomSource(s difftest.Source) []byte {
	g := "g1 = probe "
	if s.IntN(8) == 0 {
		g = "g1 = quit "
	}
	if s.IntN(4) == 0 {
		g += "local p = newproxy(true) getmetatable(p).__gc = function(u) g2 = u local t = {} for i = 1, 50 do t[i] = {} end return g1() end p = nil "
	}
	src := difftest.Prelude + "refuel(2000) " + g + difftest.Program(s)
	return []byte(src)
}

const programSeedDefault = 11

var (
	programSeed  = flag.Uint64("seed", programSeedDefault, "of the random programs")
	programCount = flag.Uint64("programs", 0, "how many random programs are run")
)

// TestRandomPrograms runs a few such programs with the tests.
func TestRandomPrograms(t *testing.T) {
	n := uint64(150)
	if lua.Poisoned || raceEnabled {
		n = 20
	}
	if *programCount != 0 {
		n = *programCount
	}
	for i := range n {
		s := difftest.NewSource(*programSeed, i)
		src := randomSource(s)
		fuzzOne(t, src, uint8(i))
		if t.Failed() {
			t.Fatalf("program %d:\n%s", i, src)
		}
	}
}
