package lua_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"moonring/lua"
)

// checkSamplerID is check(): the stack that the sampler keeps is the one that there is.
var checkSamplerID = lua.Register("check", func(c *lua.Call) lua.Ret {
	if f, ok := c.Host().(func() error); ok {
		if err := f(); err != nil {
			return c.Errorf("%v", err)
		}
	}
	return c.Return()
})

const sampledSource = `
local out = {}
local function add(...) check() out[#out + 1] = table.concat({...}, ",") end
local function va(...) check() return select("#", ...), ... end
add(va(1, 2, 3))
local function fib(n) check() return n < 2 and n or fib(n - 1) + fib(n - 2) end
add(fib(8))
local function tail(n) check() if n == 0 then return "end", "tail" end return tail(n - 1) end
add(tail(100))
local function other(n) check() return n end
local function toother(n) check() return other(n) end
add(toother(5), pcall(toother, 6) and 6)
local function vatail(...) check() if select("#", ...) > 20 then return "vatail" end return vatail(1, ...) end
add(vatail())
add(select(2, pcall(error, "x")), select(2, pcall(fib, "a")))
add(pcall(function() check() local a = fib(3) check() return a end) and "ok")
add(xpcall(function() check() error("y") end, function(m) check() return m end) and 1 or "caught")
local co = coroutine.wrap(function(a) for i = 1, 3 do check() a = a + coroutine.yield(a) check() end return "done" end)
add(co(1), co(2), co(3), co(4))
local inner = coroutine.create(function() while true do check() pcall(function() check() coroutine.yield(fib(2)) check() end) end end)
local outer = coroutine.wrap(function() while true do local _, v = coroutine.resume(inner) check() coroutine.yield(v) end end)
for i = 1, 3 do add(outer()) end
local mt = setmetatable({}, { __add = function(a, b) check() return 7 end, __call = function(self, x) check() return x end,
	__lt = function() check() return true end, __concat = function() check() return "cat" end,
	__index = function(t, k) check() return k end, __newindex = function(t, k, v) check() rawset(t, k, v) end,
	__tostring = function() check() return "text" end })
add(mt + 1, mt(5), tostring(mt < mt), tostring(mt <= mt), 1 .. mt, mt.field, tostring(mt))
mt.x = 1 check()
add(("one two three"):gsub("%a+", function(w) check() return w:upper() end))
local list = { 3, 1, 2, 9, 5 }
table.sort(list, function(a, b) check() return a < b end)
add(unpack(list))
for k, v in pairs({ 10, 20, x = 30 }) do check() add(k, v) end
for i, v in (function(n) check() return function(_, i) check() if i < n then return i + 1 end end, nil, 0 end)(3) do check() add(i) end
local function deep(n) if n == 0 then check() return 0 end return 1 + deep(n - 1) end
add(deep(200)) deep(2)
add(tostring(pcall(function() local function inf() return 1 + inf() end return inf() end)))
check()
local u = newproxy(true) getmetatable(u).__gc = function() check() end u = nil
collectgarbage() check()
local i = 0
while i < 5 do i = i + 1 check() end
repeat i = i - 1 check() until i == 0
add(loadstring("check() return (...)")(4))
local info = debug.getinfo(1, "Sl") add(info.currentline, (debug.traceback("tb", 1):match("sampled:%d+")))
return table.concat(out, "\n")`

// While a VM is sampled its scripts give what they give without, and what the sampler thinks that the stack is is true at any time.
func TestSampledVM(t *testing.T) {
	run := func(sampled bool) string {
		vm := newVM(t, lua.Config{})
		fn, err := vm.Load([]byte(sampledSource), "=sampled")
		if err != nil {
			t.Fatal(err)
		}
		vm.SetField(vm.Globals(), "check", vm.Builtin(checkSamplerID))
		if sampled {
			taken := 0
			var s *lua.Sampler
			s = vm.StartSampling(func(stack []lua.SampledFrame) {
				taken++
				if last := stack[len(stack)-1]; last.Func.First != 0 && !strings.HasPrefix(last.Func.Source, "=[C]") {
					t.Errorf("the outermost function is %q of line %d, want the main chunk", last.Func.Name, last.Func.First)
				}
				if len(stack) < 300 {
					s.Sample()
				}
			})
			s.Sample()
			vm.SetHost(func() error { s.Sample(); return vm.CheckSampler() })
			defer func() {
				s.Stop()
				if taken < 1000 {
					t.Errorf("%d samples were taken, want one a safepoint", taken)
				}
			}()
		}
		results, err := vm.Call(fn)
		if err != nil {
			t.Fatal(err)
		}
		return string(vm.Bytes(results[0]))
	}
	plain := run(false)
	if sampled := run(true); sampled != plain {
		t.Errorf("sampled:\n%s\nplain:\n%s", sampled, plain)
	}
	if again := run(false); again != plain {
		t.Errorf("afterwards:\n%s\nbefore:\n%s", again, plain)
	}
}

func TestInterrupt(t *testing.T) {
	for _, source := range []string{
		"while true do end", "local function f() return f() end f()", "for i = 1, math.huge do end", "repeat until false",
		"local s = ('a'):rep(1e5) while true do s:find('b') end", "coroutine.wrap(function() while true do end end)()",
		"pcall(function() while true do end end) while true do end",
	} {
		vm := newVM(t, lua.Config{})
		fn, err := vm.Load([]byte(source), "=loop")
		if err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					vm.Interrupt()
				}
			}
		}()
		_, err = vm.Call(fn)
		close(stop)
		<-done
		var e *lua.Error
		if !errors.As(err, &e) || !strings.HasSuffix(e.Msg, "interrupted!") {
			t.Errorf("%s: ended with %v, want interrupted!", source, err)
		}
		vm.Interrupted()
		if fn, err = vm.Load([]byte("return 1"), "=after"); err != nil {
			t.Fatal(err)
		}
		if _, err := vm.Call(fn); err != nil {
			t.Errorf("%s: afterwards: %v", source, err)
		}
	}
}
