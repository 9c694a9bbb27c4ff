package lua_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
	"moonring/lua/lib"
)

// Each script tries to hold the processor or the memory for ever, most of them
// within one call of a builtin. All must end in a Lua error within twice the
// budget: the second half is for what a script does after it caught the first
// error.
var bombs = []struct{ name, src string }{
	{"an empty loop", `while true do end`},
	{"a repeat loop", `repeat until false`},
	{"a goto loop", `::top:: goto top`},
	{"a numeric for without end", `for i = 1, math.huge do end`},
	{"a generic for without end", `for _ in function() return 1 end do end`},
	{"a loop in a function called by pcall, for ever", `while true do pcall(function() while true do end end) end`},
	{"loops in message handlers", `while true do xpcall(error, function() while true do end end) end`},
	{"a loop in a coroutine", `coroutine.wrap(function() while true do end end)()`},
	{"a loop in a metamethod", `local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x`},
	{"a loop in a sort comparator", `table.sort({3, 1, 2}, function() while true do end end)`},
	{"a loop in a gsub callback", `string.gsub("x", "x", function() while true do end end)`},
	{"endless recursion", `local function f() return 1 + f() end f()`},
	{"endless recursion through pcall", `local function f() return pcall(f), 1 end while true do f() end`},
	{"endless tail calls", `local function f() return f() end f()`},
	{"endless recursion through metamethods", `local t t = setmetatable({}, {__index = function(t, k) return t[k .. "x"] end}) return t.x`},
	{"endless recursion through tostring", `local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) return tostring(t)`},
	{"endless nesting of coroutines", `local function f() return coroutine.wrap(f)() end f()`},
	{"string.rep of a gigabyte", `return #string.rep("x", 1e9)`},
	{"string.rep with a separator", `return #string.rep("", 1e9, "abc")`},
	{"doubling a string", `local s = "x" while true do s = s .. s end`},
	{"a pattern that backtracks", `return string.find(string.rep("a", 3e4), ".-.-.-.-b")`},
	{"a pattern of many options", `return string.find(string.rep("a", 40), string.rep("a?", 40) .. string.rep("a", 40) .. "b")`},
	{"a pattern from every position", `return string.find(string.rep("a", 1e6), ".-b")`},
	{"a balanced match from every position", `return string.find(string.rep("(", 1e6), "%b()")`},
	{"gmatch without a match", `for _ in string.gmatch(string.rep("a", 1e6), "a-b") do end`},
	{"gsub that multiplies", `return #string.gsub(string.rep("x", 1e5), "x", string.rep("y", 1e5))`},
	{"gsub that multiplies captures", `local s = string.rep("x", 1e4) return #string.gsub(s, ".-", string.rep("%0", 1e5))`},
	{"concat of a long list", `local t, s = {}, string.rep("x", 1e5) for i = 1, 1e5 do t[i] = s end return #table.concat(t)`},
	{"concat with a long separator", `local t = {} for i = 1, 1e5 do t[i] = "" end return #table.concat(t, string.rep("x", 1e5))`},
	{"sort with a comparator that lies", `local t = {} for i = 1, 1e6 do t[i] = i end table.sort(t, function(a, b) return true end)`},
	{"sort of a long list, for ever", `local t = {} for i = 1, 1e5 do t[i] = (i * 7919) % 100003 end while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end`},
	{"insert in front, for ever", `local t = {} while true do table.insert(t, 1, 1) end`},
	{"remove in front, of many", `local t = {} for i = 1, 1e6 do t[i] = i end while true do table.insert(t, table.remove(t, 1)) end`},
	{"format of many long strings", `local t = {} for i = 1, 200 do t[i] = string.rep("x", 1e6) end return #string.format(string.rep("%s", 200), unpack(t))`},
	{"a list without end", `local t = {} for i = 1, math.huge do t[i] = i end`},
	{"a map without end", `local t = {} for i = 1, math.huge do t["k" .. i] = i end`},
	{"tables without end", `local t = {} while true do t = {t} end`},
	{"closures without end", `local f while true do local g = f f = function() return g end end`},
	{"coroutines without end", `local t = {} while true do t[#t + 1] = coroutine.create(print) end`},
	{"strings without end", `local t = {} while true do t[#t + 1] = string.rep("x", 1000) .. #t end`},
	{"unpack of everything", `return select("#", unpack({}, 1, 1e9))`},
	{"byte of everything", `local s = string.rep("x", 1e7) while true do local a = {pcall(string.byte, s, 1, -1)} end`},
	{"upper and reverse, for ever", `local s = string.rep("x", 1e6) while true do s = s:upper():reverse() end`},
	{"load of a long chunk, for ever", `local s = string.rep("x = 1 ", 1e5) while true do load(s) end`},
	{"load of deep nesting", `assert(load("return " .. string.rep("(", 1e6)))`},
	{"load of a reader without end", `while true do load(function() return "x = 1 " end) end`},
	{"a table preallocated beyond the limit", `return require("table.new")(1e9, 0)`},
	{"setting a far index", `local t = {} for i = 1, 62 do t[2 ^ i] = i end while true do t[#t + 1] = 1 end`},
	{"tonumber of a long string", `local s = string.rep("1", 1e7) while true do tonumber(s) end`},
	{"arithmetic on a long string", `local s = string.rep("1", 1e7) while true do local x = s + 1 end`},
	{"comparing long strings", `local s = string.rep("1", 1e7) local a, b = s .. "a", s .. "b" while true do local x = a < b end`},
	{"collecting garbage for ever", `local t = {} for i = 1, 1e4 do t[i] = {} end while true do collectgarbage() end`},
	{"bit.tohex for ever", `while true do bit.tohex(1, 8) end`},
	{"os.date of long formats", `local s = string.rep("%c", 1e6) while true do os.date(s) end`},
	{"a finalizer that does not end", `local p = newproxy(true) getmetatable(p).__gc = function() while true do end end p = nil collectgarbage() while true do end`},
}

func threadTime(t *testing.T) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

func TestBombs(t *testing.T) {
	const budget = 100 * time.Millisecond
	for _, b := range bombs {
		t.Run(b.name, func(t *testing.T) {
			runtime.LockOSThread() // the budget's clock is the thread's
			defer runtime.UnlockOSThread()
			vm, err := lua.New(lua.Config{MemoryLimit: 64 << 20, CPUBudget: int64(budget)})
			if err != nil {
				t.Fatal(err)
			}
			defer vm.Close()
			vm.OpenBase()
			lib.Open(vm)
			fn, err := vm.Load([]byte(b.src), "=bomb")
			if err != nil {
				t.Fatal(err)
			}
			from := threadTime(t)
			th := vm.NewThread()
			status := th.Start(fn)
			took := threadTime(t) - from
			if status != lua.Failed {
				t.Fatalf("status %v after %v, want an error", status, took)
			}
			t.Logf("%v: %.100s", took, th.ErrString())
			// The rest is for the collector of Go and of the VM, which may be in a step.
			if took > 2*budget+50*time.Millisecond && !lua.Poisoned && !raceEnabled { // the verifier takes its time
				t.Errorf("took %v of CPU time, budget %v", took, budget)
			}
			th.Release()
			// The VM lives.
			fn, err = vm.Load([]byte(`local t = {} for i = 1, 100 do t[i] = ("x"):rep(i) end return #table.concat(t)`), "=after")
			if err != nil {
				t.Fatal(err)
			}
			if res, err := vm.Call(fn); err != nil || res[0] != lua.Number(5050) {
				t.Fatalf("after the bomb: %v %v", res, err)
			}
		})
	}
}

// TestMemoryLimit: what the limit ends is an error that pcall catches, and what
// the script has dropped is there to be used again.
func TestMemoryLimit(t *testing.T) {
	vm, err := lua.New(lua.Config{MemoryLimit: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	vm.OpenBase()
	lib.Open(vm)
	fn, err := vm.Load([]byte(`
		for round = 1, 5 do
			local ok, err = pcall(function()
				local t = {}
				for i = 1, math.huge do t[i] = {i} end
			end)
			assert(not ok and err == "not enough memory", tostring(err))
			local s = ("x"):rep(4e6) -- needs the space back
			assert(#s == 4e6)
		end`), "=limit")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vm.Call(fn); err != nil {
		t.Fatal(err)
	}
	if used := vm.MemoryUsed(); used > 16<<20 {
		t.Errorf("%d bytes in use, limit is %d", used, 16<<20)
	}
}

// TestBudgetCaughtOnce: a script may catch the first overrun, to clean up, but
// not the second.
func TestBudgetCaughtOnce(t *testing.T) {
	vm, err := lua.New(lua.Config{InstrBudget: 100000})
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	vm.OpenBase()
	var out strings.Builder
	vm.SetStdout(&out)
	fn, err := vm.Load([]byte(`
		print(pcall(function() while true do end end))
		print("cleaning up")
		pcall(function() while true do end end)
		print("never")`), "=budget")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vm.Call(fn); err == nil || !strings.Contains(err.Error(), "CPU budget") {
		t.Errorf("ended with %v", err)
	}
	const want = "false\tbudget:2: Lua CPU budget exceeded\ncleaning up\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
