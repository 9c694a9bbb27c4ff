package lib

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"moonring/lua"
)

// newVM makes a VM with all libraries.
func newVM(t testing.TB, cfg lua.Config) *lua.VM {
	t.Helper()
	vm, err := lua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(vm); vm.Close() })
	Open(vm)
	return vm
}

// run runs src and returns the error's text, empty if there is none.
func run(t testing.TB, vm *lua.VM, src string) string {
	t.Helper()
	f, err := vm.Load([]byte(src), "=t")
	if err != nil {
		t.Fatal(err)
	}
	th := vm.NewThread()
	defer vm.ReleaseThread(th)
	if st := th.Start(f); st != lua.Done {
		return th.ErrString()
	}
	return ""
}

// Single calls that would take much time or memory must end by the budget or
// the memory limit.
func TestBombs(t *testing.T) {
	const budget = 100 * time.Millisecond
	const memory = 64 << 20
	bombs := []struct{ name, src string }{
		{"rep", `return #string.rep("x", 1e9)`},
		{"rep with a long separator", `return #string.rep("", 1e9, ("y"):rep(1e6))`},
		{"rep of rep", `local s = "x" for i = 1, 40 do s = s:rep(10) end`},
		{"optional items", `return (("a"):rep(30)):match(("a?"):rep(30)..("a"):rep(30))`},
		{"lazy items", `return (("a"):rep(5000)):match(".-.-.-.-b")`},
		{"greedy items", `return (("a"):rep(5000)):match(".*.*.*.*b")`},
		{"find, quadratic", `return (("a"):rep(2e6)):find(("a*b"))`},
		{"find, quadratic over a class", `return (("a"):rep(2e6)):find("[a-y]*z")`},
		{"balance, quadratic", `return (("("):rep(2e6)):find("%b()x")`},
		{"long sets", `return (("a"):rep(2e6)):gsub("x?["..("b-c"):rep(1e7).."a]", "")`},
		{"gmatch", `for _ in (("a"):rep(1e7)):gmatch("()") do end`},
		{"gmatch, quadratic", `for _ in (("a"):rep(1e6)):gmatch(".-b") do end`},
		{"gsub that explodes", `local s = ("a"):rep(1e5) return #s:gsub("a", s)`},
		{"gsub, captures that explode", `local s = ("a"):rep(1e4) return #s:gsub(".*", ("%0"):rep(1e5))`},
		{"gsub, empty matches", `local s = ("a"):rep(3e7) for i = 1, 50 do s:gsub("", "") end`},
		{"back references", `return (("a"):rep(4e5)):find("(a*)%1b")`},
		{"recursive captures", `return (("x"):rep(1e5)):find(("(x?"):rep(30)..(")"):rep(30).."y")`},
		{"format, many wide fields", `local a = {} for i = 1, 200 do a[i] = 1 end local f = ("%99.99f"):rep(200) local t = {} for i = 1, 1e7 do t[i % 100] = f:format(unpack(a)) end`},
		{"format of a long string", `local s = ("x"):rep(1e7) for i = 1, 1e4 do ("%s%s%s%s"):format(s, s, s, s) end`},
		{"format, quoted", `local s = ("\1"):rep(1e7) for i = 1, 1e4 do ("%q"):format(s) end`},
		{"concat of a huge range", `local t = {} for i = 1, 1e6 do t[i] = "" end while true do pcall(table.concat, t, "", 1, 2^31 - 1) end`},
		{"concat", `local t = {} for i = 1, 1000 do t[i] = ("x"):rep(1e6) .. i end return #table.concat(t)`},
		{"concat with a long separator", `local t = {} for i = 1, 1e5 do t[i] = "" end return #table.concat(t, ("x"):rep(1e5))`},
		{"concat, many times", `local t = {} for i = 1, 1e5 do t[i] = "xy" end while true do table.concat(t) end`},
		{"sort without order", `local t = {} for i = 1, 3e5 do t[i] = i % 10 end table.sort(t, function(a, b) return true end) error("sorted")`},
		{"sort by a random order", `local t = {} for i = 1, 3e5 do t[i] = i end table.sort(t, function(a, b) return math.random() < 0.5 end) while true do end`},
		{"sort, quadratic", `local t = {} for i = 1, 1e6 do t[i] = i end table.sort(t, function(a, b) return a > b end) while true do end`},
		{"sort of long strings", `local t = {} local s = ("x"):rep(1e5) for i = 1, 400 do t[i] = s .. i % 7 .. i end while true do table.sort(t) t[1], t[400] = t[400], t[1] end`},
		{"sort of numbers", `local t = {} for i = 1, 1e6 do t[i] = -i end while true do table.sort(t) t[1] = 5 end`},
		{"insert in front", `local t = {} for i = 1, 1e7 do table.insert(t, 1, i) end`},
		{"remove in front", `local t = {} for i = 1, 1e6 do t[i] = i end while true do table.remove(t, 1) end`},
		{"insert far away", `table.insert({}, -2^31, 1)`},
		{"move", `return table.move({}, 1, 2^31 - 1, 2)`},
		{"move that grows", `return table.move({1}, 1, 2^31 - 1, 2^30, {})`},
		{"table.new", `local n = require "table.new" local t = {} for i = 1, 1e6 do t[i] = n(1e6, 1e6) end`},
		{"table.new, huge", `require "table.new"(1e8, 0)`},
		{"table.clone", `local t = {} for i = 1, 1e5 do t[i] = i end local c = require "table.clone" while true do c(t) end`},
		{"table.nkeys", `local t = {} for i = 1, 1e6 do t[i] = i end local c = require "table.nkeys" while true do c(t) end`},
		{"maxn", `local t = {} for i = 1, 1e6 do t[i] = i end while true do table.maxn(t) end`},
		{"foreachi", `local t = {} for i = 1, 1e6 do t[i] = i end while true do table.foreachi(t, function() end) end`},
		{"reverse", `local s = ("x"):rep(2e7) while true do s:reverse() end`},
		{"upper", `local s = ("x"):rep(2e7) while true do s:upper() end`},
		{"lower without change", `local s = ("x"):rep(2e7) while true do s:lower() end`},
		{"plain find", `local s = ("x"):rep(2e7) while true do s:find("y", 1, true) end`},
		{"plain find, quadratic", `local s = ("x"):rep(2e7) while true do s:find(("x"):rep(1e4) .. "y", 1, true) end`},
		{"find by a first literal", `local s = ("x"):rep(2e7) while true do s:find("y.") end`},
		{"byte", `local s = ("x"):rep(8000) while true do s:byte(1, -1) end`},
		{"sub", `local s = ("x"):rep(2e7) for i = 1, 1e9 do s:sub(i % 100 + 2) end`},
		{"date", `while true do os.date(("%c"):rep(1e5)) end`},
		{"read of an endless file", `local f = io.open("/dev/zero") return #f:read("*a")`},
		{"read a line without end", `local f = io.open("/dev/zero") return #f:read("*l")`},
		{"read a huge count", `local f = io.open("/dev/zero") return #f:read(2^31 - 1)`},
		{"write without end", `local f = io.open("/dev/null", "w") local s = ("x"):rep(1e7) while true do f:write(s) end`},
		{"nested gsub", `local function f(s) return (s:gsub(".", f)) end f("x")`},
		{"nested tostring", `local m = {} m.__tostring = function(x) return ("%s"):format(x) end tostring(setmetatable({}, m))`},
		{"nested sort", `local function f() table.sort({3, 2, 1}, f) return true end f()`},
	}
	for _, b := range bombs {
		t.Run(b.name, func(t *testing.T) {
			runtime.LockOSThread() // the budget is counted on the thread's clock
			defer runtime.UnlockOSThread()
			vm := newVM(t, lua.Config{MemoryLimit: memory, CPUBudget: int64(budget)})
			start := threadTime(t)
			msg := run(t, vm, b.src)
			took := threadTime(t) - start
			if msg == "" {
				t.Fatalf("ended without an error after %v", took)
			}
			if took > 4*budget { // of CPU time; a crowded machine's cache makes the last step longer
				t.Errorf("%v, ended by %q", took, msg)
			}
			for _, want := range []string{"not enough memory", "budget", "invalid order function", "table overflow", "stack overflow"} {
				if strings.Contains(msg, want) {
					if testing.Verbose() {
						t.Logf("%v: %s", took, msg)
					}
					return
				}
			}
			t.Errorf("unexpected error %q", msg)
		})
	}
}

func threadTime(t *testing.T) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ts.Nano())
}
