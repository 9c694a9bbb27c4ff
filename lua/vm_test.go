package lua

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"testing"
)

func newTestVM(t testing.TB, cfg Config) *VM {
	vm, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vm.Close)
	vm.OpenBase()
	return vm
}

// runLua runs src and returns what it printed and the error it ended with.
func runLua(t testing.TB, vm *VM, src string) (out string, err error) {
	var buf bytes.Buffer
	vm.SetStdout(&buf)
	fn, err := vm.Load([]byte(src), "=t.lua")
	if err != nil {
		return "", err
	}
	_, err = vm.Call(fn)
	return buf.String(), err
}

func TestRunFile(t *testing.T) {
	name := os.Getenv("LUA_FILE")
	if name == "" {
		name = "testdata/smoke.lua"
	}
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	vm := newTestVM(t, Config{GCStress: os.Getenv("LUA_STRESS") != ""})
	vm.SetStdout(os.Stdout)
	fn, err := vm.Load(src, "@"+name)
	if err != nil {
		t.Fatal(err)
	}
	th := vm.NewThread()
	if st := th.Start(fn); st != Done {
		t.Fatalf("%v: %s\n%s", st, th.ErrString(), th.Traceback())
	}
}

const fibSrc = `local function fib(n) if n < 2 then return n end return fib(n-1)+fib(n-2) end return fib(30)`
const loopSrc = `local x = 0.5 for i = 1, 1e7 do x = x + i % 7 end return x`

func benchLua(b *testing.B, src string) {
	vm := newTestVM(b, Config{})
	fn, err := vm.Load([]byte(src), "=bench")
	if err != nil {
		b.Fatal(err)
	}
	th := vm.NewThread()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := int64(math.MaxInt64)
	for b.Loop() {
		from := ThreadCPUTime()
		if st := th.Start(fn); st != Done {
			b.Fatal(th.ErrString())
		}
		best = min(best, ThreadCPUTime()-from)
	}
	b.ReportMetric(float64(best)/1e6, "cpu-ms(min)")
}

func BenchmarkFib30(b *testing.B)     { benchLua(b, fibSrc) }
func BenchmarkFloatLoop(b *testing.B) { benchLua(b, loopSrc) }
func BenchmarkField(b *testing.B) {
	benchLua(b, `local t = {x=0} for i = 1, 1e7 do t.x = t.x + 1 end return t.x`)
}
func BenchmarkArray(b *testing.B) {
	benchLua(b, `local a = {} for i = 1, 1e7 do a[i%1000] = i end local s = 0 for i = 1, 1e7 do s = s + a[i%1000] end return s`)
}
func BenchmarkClosure(b *testing.B) {
	benchLua(b, `local function c() local n = 0 return function() n = n + 1 return n end end local f = c() for i = 1, 1e7 do f() end return f()`)
}
func BenchmarkBuiltin(b *testing.B) {
	benchLua(b, `local type = type for i = 1, 1e7 do type(i) end`)
}

// TestStackGrowsAtTheLimit: a stack that has to grow when memory is full of
// garbage gets it.
func TestStackGrowsAtTheLimit(t *testing.T) {
	for name, call := range map[string]string{
		"calls":    `local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end assert(f(9000) == 9000)`,
		"varargs":  `local function f(n, ...) if n == 0 then return 0 end return 1 + f(n - 1, ...) end assert(f(1500, 1, 2, 3, 4, 5) == 1500)`,
		"builtins": `local function f(n) if n == 0 then return 0 end local ok, v = pcall(f, n - 1) return 1 + v end assert(f(3000) == 3000)`,
	} {
		vm := newTestVM(t, Config{MemoryLimit: 4 << 20})
		_, err := runLua(t, vm, `collectgarbage("stop") while collectgarbage("count") < 4050 do local t = {} end `+call)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
