package lua_test

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/difftest"
	"moonring/lua/lib"
)

// compiled loads src with native code for all its functions.
func compiled(t testing.TB, vm *lua.VM, src string) lua.Value {
	t.Helper()
	fn, err := vm.Load([]byte(src), "@stub.lua")
	if err != nil {
		t.Fatal(err)
	}
	vm.CompileStub(t, fn, nil)
	if !vm.Patched(fn) {
		t.Fatal("there is no native code")
	}
	return fn
}

// outcome runs fn on a new thread to its end and shows what came of it.
func outcome(vm *lua.VM, fn lua.Value) string {
	th := vm.NewThread()
	defer th.Release()
	switch status := th.Start(fn); status {
	case lua.Done:
		var b strings.Builder
		for i := range th.NResults() {
			fmt.Fprintf(&b, "%s ", vm.Bytes(th.Result(i+1)))
		}
		return b.String()
	case lua.Failed:
		return th.ErrString() + "\n" + th.Traceback()
	default:
		return fmt.Sprint("status ", status)
	}
}

var nativeScripts = []struct{ name, src string }{
	{"counting loop", `
		local t, n = {k = 1}, 0
		for i = 1, 30000 do n = n + i * 2 - 1 if i % 3 == 0 then t.k = t.k + i end t[i] = n end
		local down = 0
		for i = 10, 1, -0.5 do down = down + i end
		for _, step in ipairs({0, -0, "-0", 0/0, "1"}) do for i = 3, 1, step do down = down + i if down > 300 then break end end for i = 1, 3, step do down = down + i if down > 500 then break end end end
		local i = 0
		while i < 25000 do i = i + 1 if i == 24000 then break end end
		return tostring(n), tostring(t.k), tostring(#t), tostring(down), tostring(i)`},
	{"calls", `
		local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
		local function many(...) return ... end
		local function sum(...) local s = 0 for _, v in ipairs({...}) do s = s + v end return s end
		local function tail(n) if n == 0 then return "done", fib(10) end return tail(n - 1) end
		return tostring(fib(18)), tostring(sum(many(1, 2, many(3, 4)))), tostring(select("#", tail(5000)))`},
	{"upvalues and a stack that moves", `
		local n, fs = 0, {}
		local function add(i) n = n + i return n end
		local function deep(d) local x = d if d > 0 then local r = deep(d - 1) n = n + 1 return x + r end fs[#fs + 1] = function() x = x + 1 return x end return n end
		local a = 0
		for i = 1, 40 do a = a + deep(i * 60) + add(i) end
		local out = {}
		for _, f in ipairs(fs) do out[#out + 1] = f() + f() end
		return tostring(n), tostring(a), table.concat(out, ",")`},
	{"an error in the caller's line", `
		local function f(t, i)
			local x = i + 1
			return
				t.a.b + x
		end
		local n = 0
		for i = 1, 10 do
			n = n +
				f({a = i < 5 and {b = 1} or nil}, i)
		end`},
	{"an error in arithmetic", `
		local x, s = 1, {}
		for i = 1, 5 do
			x = x + i
			if i == 4 then x =
				s * 2 end
		end`},
	{"errors caught", `
		local out = {}
		for i = 1, 6 do
			local ok, err = pcall(function() local n = i if n % 2 == 0 then error("even " .. n) end return n + nil end)
			out[#out + 1] = tostring(ok) .. err
			local ok, tb = xpcall(function() local q = out.x.y end, debug.traceback)
			out[#out + 1] = tb
		end
		return table.concat(out, "\n")`},
	{"debug.getinfo and getlocal", `
		local out = {}
		local function look(level)
			local i = debug.getinfo(level, "nSl")
			out[#out + 1] = i.short_src .. i.currentline .. tostring(i.name) .. i.namewhat .. i.linedefined
			local n, v = debug.getlocal(level, 1)
			out[#out + 1] = tostring(n) .. (type(v) == "table" and "{}" or tostring(v))
		end
		local function f(a)
			for i = 1, 3 do
				look(2) look(3)
				a = a + i
			end
			return a
		end
		local t = setmetatable({}, {__add = function(a, b) look(2) look(3) return b end, __index = function(t, k) look(2) return k end})
		out[#out + 1] = f(5) + (t + 1)
		out[#out + 1] = t.field
		debug.setlocal(1, 1, out)
		return table.concat(out, " ")`},
	{"coroutines", `
		local out = {}
		local function gen(n) for i = 1, n do local x = coroutine.yield(i) if x then out[#out + 1] = x + i end end return "end" end
		for i in coroutine.wrap(gen), nil, nil do if i == "end" then break end out[#out + 1] = i if i == nil then break end if i > 5 then break end end
		local co = coroutine.create(function(a) local s = a while true do s = s + coroutine.yield(s) if s > 100 then error("past " .. s) end end end)
		local v = 1
		for i = 1, 20 do local ok, r = coroutine.resume(co, v) out[#out + 1] = tostring(r) if not ok then break end v = r + 1 end
		out[#out + 1] = coroutine.status(co)
		local p = coroutine.wrap(function() return pcall(function() for i = 1, 3 do coroutine.yield(i) end error("x", 0) end) end)
		for i = 1, 3 do out[#out + 1] = p() end
		out[#out + 1] = select(2, p())
		return table.concat(out, " ")`},
	{"metamethods and closures", `
		local mt = {} mt.__index = mt
		function mt.__lt(a, b) return a.v < b.v end
		function mt.__le(a, b) return a.v <= b.v end
		function mt.__eq(a, b) return a.v == b.v end
		function mt.__concat(a, b) return (type(a) == "table" and a.v or a) .. "|" .. (type(b) == "table" and b.v or b) end
		function mt.__call(self, x) return self.v + x end
		local function new(v) return setmetatable({v = v}, mt) end
		local out = {}
		for i = 1, 4 do
			local a, b = new(i), new(3)
			out[#out + 1] = tostring(a < b) .. tostring(a <= b) .. tostring(a == b) .. tostring(not (a < b)) .. tostring(a ~= b) .. tostring(a > b)
			out[#out + 1] = "x" .. a .. b .. i
			out[#out + 1] = a(10)
			local nan = 0/0
			out[#out + 1] = tostring(nan == nan) .. tostring(nan ~= nan) .. tostring(nan < i) .. tostring(not (nan >= i)) .. tostring(i == "1") .. tostring(a == i)
			out[#out + 1] = tostring(nil == false) .. tostring(out == out) .. tostring("a" < "b") .. tostring(-i) .. (i and "y" or "n") .. (not i and "y" or "n")
			for k, v in pairs({i, x = b.v}) do out[#out + 1] = tostring(k) .. v end
			for k in string.gmatch("a b c", "%a") do out[#out + 1] = k end
			table.sort(out, function(a, b) return tostring(a) < tostring(b) end)
		end
		return table.concat(out, " ")`},
}

// TestNative holds that functions do in native code what they do without, errors
// and tracebacks included.
func TestNative(t *testing.T) {
	for _, stress := range []bool{false, true} {
		for _, s := range nativeScripts {
			if stress && s.name == "upvalues and a stack that moves" && raceEnabled {
				continue // a minute
			}
			t.Run(fmt.Sprint(s.name, " ", stress), func(t *testing.T) {
				vm := newVM(t, lua.Config{})
				plain, err := vm.Load([]byte(s.src), "@stub.lua")
				if err != nil {
					t.Fatal(err)
				}
				want := outcome(vm, plain)
				vm.Close()
				vm = newVM(t, lua.Config{GCStress: stress})
				defer vm.Close()
				fn := compiled(t, vm, s.src)
				pin := vm.Pin(fn)
				if got := outcome(vm, fn); got != want {
					t.Errorf("native: %s\ninterpreted: %s", got, want)
				}
				if err := vm.CheckHeap(); err != nil {
					t.Error(err)
				}
				// Without it again.
				vm.DropStub(vm.Pinned(pin))
				if vm.Patched(vm.Pinned(pin)) {
					t.Error("still patched")
				}
				if got := outcome(vm, vm.Pinned(pin)); got != want {
					t.Errorf("afterwards: %s\ninterpreted: %s", got, want)
				}
			})
		}
	}
}

// TestNativeCorpus does the same with the scripts of the corpus, and with random programs.
func TestNativeCorpus(t *testing.T) {
	scripts, err := difftest.Scripts("difftest/testdata")
	if err != nil {
		t.Fatal(err)
	}
	all, left, round := 0, 0, 0
	native := func(vm *lua.VM, chunk lua.Value) (*lua.Thread, lua.Status, error) {
		entry := func(i int) bool { return true }
		if round++; round%2 == 0 { // the code is entered and left in any place
			r := difftest.NewSource(22, uint64(round))
			entry = func(int) bool { return r.IntN(3) == 0 }
		}
		a, l := vm.CompileStub(t, chunk, entry)
		all, left = all+a, left+l
		th := vm.NewThread()
		return th, th.Start(chunk), nil
	}
	for i, s := range scripts {
		if raceEnabled && i%16 != 0 {
			continue
		}
		same(t, s, native)
	}
	for i := range uint64(300) {
		if (raceEnabled || lua.Poisoned) && i%16 != 0 {
			continue
		}
		src := difftest.Prelude + "refuel(2000) " + difftest.Program(difftest.NewSource(21, i))
		same(t, difftest.Script{Name: fmt.Sprint("random/", i), File: "random.lua", Source: []byte(src)}, native)
	}
	t.Logf("%d instructions, %d of them left to the interpreter", all, left)
	if left > all*3/4 {
		t.Error("native code does next to nothing")
	}
	if n := lua.StubsInUse(); n != 0 {
		t.Errorf("code of %d functions was not given back", n)
	}
}

// same compares what run makes of a script with what the engine does by itself.
func same(t *testing.T, s difftest.Script, run func(*lua.VM, lua.Value) (*lua.Thread, lua.Status, error)) {
	t.Helper()
	want, err := difftest.RunEngine(s)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	got, err := difftest.RunBy(s, run)
	if err != nil {
		t.Errorf("%s: %v", s.Name, err)
		return
	}
	if d := difftest.Diff(want.Golden(), got.Golden()); d != "" {
		t.Errorf("%s: %s", s.Name, strings.ReplaceAll(d, "LuaJIT:", "by itself:"))
	}
}

// TestNativeBudget: a loop in native code ends where the interpreter would have
// ended it, and the error can be caught once.
func TestNativeBudget(t *testing.T) {
	for _, src := range []string{
		"local n = 0 while true do n = n + 1 end",
		"n = 0 local ok, err = pcall(function() while true do n = n + 1 end end) assert(not ok) n = n + 0.5 for i = 1, 1e9 do n = n + 1 end",
		"n = 0 for i = 1, 1e9 do n = n + 1 end",
		"local function f(x) n = x return f(x + 1) end f(1)",
		"n = 0 local function f(x) n = n + 1 return x end while true do f(f(2)) end",
		"local t = {} while true do t[#t + 1] = {} n = #t end",
	} {
		for _, budget := range []int64{1, 2, 100, 12345, 30001} {
			var got [2]string
			for i := range got {
				vm := newVM(t, lua.Config{InstrBudget: budget})
				fn, err := vm.Load([]byte(src), "@stub.lua")
				if err != nil {
					t.Fatal(err)
				}
				if i == 1 {
					fn = compiled(t, vm, src)
				}
				got[i] = outcome(vm, fn)
				got[i] += fmt.Sprint(vm.Field(vm.Globals(), "n"))
				if !strings.Contains(got[i], "Lua CPU budget exceeded") {
					t.Errorf("%s: %s", src, got[i])
				}
				vm.Close()
			}
			if got[0] != got[1] {
				t.Errorf("%s with %d steps:\nnative: %s\ninterpreted: %s", src, budget, got[1], got[0])
			}
		}
	}
}

// TestNativeSuspend: what waits for the host goes on in native code.
func TestNativeSuspend(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	fn := compiled(t, vm, "local n = 0 for i = 1, 10 do n = n + probe() * 2 local t = {i} n = n + #t end return n")
	th := vm.NewThread()
	status := th.Start(fn)
	for i := 1; status == lua.Suspended; i++ {
		vm.Collect()
		status = th.Resume(lua.Int(i))
	}
	if status != lua.Done || th.Result(1) != lua.Int(120) {
		t.Errorf("status %v, result %v: %s", status, th.Result(1), th.ErrString())
	}
}

// TestNativeSampled: a sampler sees native code's calls and returns as well.
func TestNativeSampled(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	checks := 0
	vm.SetHost(func() error { return nil })
	vm.SetField(vm.Globals(), "check", vm.Builtin(checkSamplerID))
	pin := vm.Pin(compiled(t, vm, sampledSource))
	want := outcome(vm, vm.Pinned(pin))
	s := vm.StartSampling(func([]lua.SampledFrame) {})
	vm.SetHost(func() error { checks++; s.Sample(); return vm.CheckSampler() })
	if got := outcome(vm, vm.Pinned(pin)); got != want || checks == 0 {
		t.Errorf("sampled, with %d checks: %s, want %s", checks, got, want)
	}
	s.Stop()
}

// TestNativeIsNoPartOfTheFunction: neither bytecode nor a snapshot has it, a
// dead function gives it back, and so does a VM that is closed.
func TestNativeIsNoPartOfTheFunction(t *testing.T) {
	vm := newVM(t, lua.Config{})
	const src = "local t = {1, 2} local n = 0 for i = 1, 10 do n = n + t[1] + i end function keep(a) return a + 1 end return n"
	plain, err := vm.Load([]byte(src), "@stub.lua")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := vm.Dump(nil, plain, false)
	fn := compiled(t, vm, src)
	got, _ := vm.Dump(nil, fn, false)
	if string(got) != string(want) {
		t.Error("the dumped function is another one with native code")
	}
	outcome(vm, fn)
	pin := vm.Pin(fn)
	fd, err := unix.MemfdCreate("snapshot", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := vm.Snapshot(fd); err != nil {
		t.Fatal(err)
	}
	keep := vm.Field(vm.Globals(), "keep")
	if !vm.Patched(keep) || !vm.Patched(vm.Pinned(pin)) {
		t.Error("the snapshot has taken the native code")
	}
	vm2, err := lua.Restore(lua.Config{}, fd)
	if err != nil {
		t.Fatal(err)
	}
	defer vm2.Close()
	if vm2.Patched(vm2.Field(vm2.Globals(), "keep")) || vm2.Patched(vm2.Pinned(pin)) {
		t.Error("the snapshot has patched instructions")
	}
	if got := outcome(vm2, vm2.Pinned(pin)); got != outcome(vm, vm.Pinned(pin)) {
		t.Errorf("from the snapshot: %s", got)
	}
	before := lua.StubsInUse()
	vm.Unpin(pin)
	vm.Collect()
	vm.Collect()
	if n := lua.StubsInUse(); n != before-1 { // keep is alive
		t.Errorf("%d functions had code, %d have it after the collection, want one less", before, n)
	}
	vm.Close()
	if n := lua.StubsInUse(); n != 0 {
		t.Errorf("%d functions have code after the VM is closed", n)
	}
}

// TestNativeAndGo runs native code under a storm of what Go does to a goroutine:
// collections with the world stopped, signals to preempt it, those of a profile.
func TestNativeAndGo(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Log(err) // the tests are profiled: as good
	} else {
		defer pprof.StopCPUProfile()
	}
	stop := make(chan bool)
	garbage := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				garbage <- n
				return
			default:
			}
			n += len(make([]*int, 1000))
		}
	}()
	vm, err := lua.New(lua.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	lib.Open(vm)
	fn := compiled(t, vm, `
		local n, t = 0, {}
		for r = 1, 50 do
			for i = 1, 20000 do n = n + i * 0.5 end
			t[#t + 1] = tostring(r)
			for j = 1, 100 do local f = function() return n + j end n = n + f() % 7 end
		end
		return tostring(n), tostring(#table.concat(t))`)
	pin := vm.Pin(fn)
	want := outcome(vm, fn)
	for range 40 {
		// A deep stack of Go's below it, which moves as it grows.
		if got := onDeepStack(100, func() string { return outcome(vm, vm.Pinned(pin)) }); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	close(stop)
	if n := <-garbage; n == 0 {
		t.Error("Go has collected nothing meanwhile")
	}
}

//go:noinline
func onDeepStack(depth int, f func() string) string {
	var pad [64]byte
	if depth == 0 {
		return f()
	}
	s := onDeepStack(depth-1, f)
	_ = append(pad[:0], s...)
	return s
}

// BenchmarkNative is a loop of numbers in native code and without.
func BenchmarkNative(b *testing.B) {
	for _, native := range []bool{false, true} {
		b.Run(fmt.Sprint(native), func(b *testing.B) {
			vm, err := lua.New(lua.Config{})
			if err != nil {
				b.Fatal(err)
			}
			defer vm.Close()
			fn, err := vm.Load([]byte("local n = ... local x = 0 for i = 1, n do x = x + i * 2 if x > 1e9 then x = x - 1e9 end end return x"), "=bench")
			if err != nil {
				b.Fatal(err)
			}
			if native {
				vm.CompileStub(b, fn, nil)
			}
			th := vm.NewThread()
			if status := th.Start(fn, lua.Int(b.N)); status != lua.Done {
				b.Fatal(th.ErrString())
			}
		})
	}
	if lua.StubsInUse() != 0 {
		fmt.Fprintln(os.Stderr, "code is left")
	}
}
