package lua_test

import (
	"strings"
	"testing"
	"time"

	"moonring/lua"
)

// run runs source on a new thread of vm and returns that, with how it ended.
func run(t *testing.T, vm *lua.VM, source string, args ...lua.Value) (*lua.Thread, lua.Status) {
	t.Helper()
	fn, err := vm.Load([]byte(source), "=t")
	if err != nil {
		t.Fatal(err)
	}
	th := vm.NewThread()
	return th, th.Start(fn, args...)
}

// text runs source to its end and returns its first result as text.
func text(t *testing.T, vm *lua.VM, source string) string {
	t.Helper()
	th, status := run(t, vm, source)
	defer th.Release()
	if status != lua.Done {
		t.Fatalf("status %v: %s\n%s", status, th.ErrString(), th.Traceback())
	}
	return string(vm.AppendText(nil, th.Result(1)))
}

// TestErrorAfterManyResults: when an error leaves a coroutine, what is alive on
// the resumer's stack is not measured by the last builtin's results.
func TestErrorAfterManyResults(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local kept
		local function inner() local n = select("#", unpack({}, 1, 7000)) local x = nil + n end
		local outer = coroutine.create(function() kept = coroutine.create(function() coroutine.wrap(inner)() end) return coroutine.resume(kept) end)
		local ok, ok2, err = coroutine.resume(outer)
		collectgarbage() collectgarbage()
		return tostring(ok2) .. err .. coroutine.status(kept)`)
	if want := "falset:3: t:3: attempt to perform arithmetic on a nil valuedead"; !strings.Contains(got, "attempt to perform arithmetic") {
		t.Errorf("got %q, want %q", got, want)
	}
	checkAlive(t, vm)
}

// TestResumeWithErrorAfterManyResults is the same for an error of the host's.
func TestResumeWithErrorAfterManyResults(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	th, status := run(t, vm, `kept = coroutine.create(function() probe() end) return coroutine.resume(kept)`)
	if status != lua.Suspended {
		t.Fatal(status)
	}
	text(t, vm, `return select("#", unpack({}, 1, 7000))`)
	other, _ := run(t, vm, `return unpack({}, 1, 7000)`)
	if status = th.ResumeError(lua.True); status != lua.Done || th.Result(1) != lua.False || th.Result(2) != lua.True {
		t.Fatalf("%v: %v %v", status, th.Result(1), th.Result(2))
	}
	checkAlive(t, vm)
	other.Release()
	th.Release()
	checkAlive(t, vm)
}

// TestResumeWithTooManyValues: the error is one of the builtin that waited, and
// can be caught.
func TestResumeWithTooManyValues(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	th, status := run(t, vm, `local ok, err = pcall(probe) return tostring(ok) .. err`)
	if status != lua.Suspended {
		t.Fatal(status)
	}
	status = th.Resume(make([]lua.Value, 70000)...)
	if got := string(vm.Bytes(th.Result(1))); status != lua.Done || got != "falsestack overflow" {
		t.Errorf("%v %q", status, got)
	}
	th.Release()
	checkAlive(t, vm)
}

// TestAbortAnywhere: ngx.exit and the like end everything, wherever they are
// called; closures keep the variables of what was ended.
func TestAbortAnywhere(t *testing.T) {
	for name, source := range map[string]string{
		"main chunk":                  `quit()`,
		"pcall":                       `pcall(quit) escaped = nil`,
		"coroutine":                   `coroutine.wrap(function() local x = 5 function get() x = x + 1 return x end quit() end)()`,
		"coroutines":                  `coroutine.wrap(function() coroutine.wrap(function() local x = 5 function get() x = x + 1 return x end pcall(quit) end)() end)()`,
		"sort":                        `table.sort({3, 2, 1}, quit)`,
		"coroutine in sort":           `table.sort({3, 2, 1}, coroutine.wrap(function() local x = 5 function get() x = x + 1 return x end quit() end))`,
		"coroutine in sort in gsub":   `string.gsub("x", "x", coroutine.wrap(function() table.sort({3, 2, 1}, coroutine.wrap(function() quit() end)) end))`,
		"metamethod":                  `return setmetatable({}, {__index = quit}).x`,
		"__tostring in format":        `return string.format("%s", setmetatable({}, {__tostring = coroutine.wrap(function() quit() end)}))`,
		"message handler":             `xpcall(error, quit) error("went on")`,
		"coroutine in a handler":      `xpcall(error, function() coroutine.wrap(quit)() end) error("went on")`,
		"handler of a nested error":   `pcall(table.sort, {2, 1}, function() xpcall(error, quit) end) error("went on")`,
		"reader of load":              `load(quit) error("went on")`,
		"reader of load in coroutine": `load(coroutine.wrap(function() coroutine.yield("x=1 ") quit() end)) error("went on")`,
		"iterator":                    `for _ in quit do end`,
		"require":                     `package.loaded.x = nil package.preload.x = quit require("x")`,
	} {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, lua.Config{})
			defer vm.Close()
			for range 3 {
				th, status := run(t, vm, "local t = {} for i = 1, 100 do t[i] = {} end "+source)
				if status != lua.Aborted {
					t.Fatalf("status %v: %s", status, th.ErrString())
				}
				vm.Collect()
				th.Release()
				checkAlive(t, vm)
				if got := text(t, vm, `return get and get() or 6`); got != "6" {
					t.Errorf("the closure of the aborted coroutine returns %s, want 6", got)
				}
				text(t, vm, `get = nil`)
				// No error handling is left switched off.
				if got := text(t, vm, `return select(2, xpcall(error, function() return "handled" end))`); got != "handled" {
					t.Errorf("afterwards a handler gives %q", got)
				}
			}
		})
	}
}

// TestAbortInFinalizer: a finalizer can't end what it interrupts.
func TestAbortInFinalizer(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local p = newproxy(true)
		getmetatable(p).__gc = function() coroutine.wrap(function() quit() end)() end
		p = nil
		collectgarbage()
		local ok, err = pcall(error, "caught")
		return tostring(ok) .. err`)
	if got != "falsecaught" {
		t.Errorf("got %q", got)
	}
	checkAlive(t, vm)
}

// TestFinalizersAndErrors: errors in finalizers are lost, those in flight kept;
// xpcall inside them works as elsewhere.
func TestFinalizersAndErrors(t *testing.T) {
	vm := newVM(t, lua.Config{GCStress: true})
	defer vm.Close()
	got := text(t, vm, `
		local log = {}
		local function proxy(f) local p = newproxy(true) getmetatable(p).__gc = f end
		proxy(function()
			log[#log + 1] = select(2, xpcall(function() error("inner", 0) end, function(e) return "handled " .. e end))
			local t = {} for i = 1, 20 do t[i] = {i} end
			local x = t.missing
			pcall(error)
			error("lost")
		end)
		local ok, err = xpcall(function() error({"kept", {}}) end, function(e)
			local m = e
			e = nil
			collectgarbage()
			return m
		end)
		collectgarbage()
		return tostring(ok) .. err[1] .. type(err[2]) .. table.concat(log)`)
	if got != "falsekepttablehandled inner" {
		t.Errorf("got %q", got)
	}
	checkAlive(t, vm)
}

// TestErrorValueOfFinalizedRun: the error of a run that failed is alive until
// the next run, whatever finalizers do meanwhile.
func TestErrorValueOfFinalizedRun(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	th, status := run(t, vm, `
		local p = newproxy(true)
		getmetatable(p).__gc = function() local t = {} pcall(error, 1) collectgarbage() collectgarbage() for i = 1, 100 do t[i] = {{}} end end
		p = nil
		error({msg = {"the error"}})`)
	if status != lua.Failed {
		t.Fatal(status)
	}
	vm.Collect()
	vm.Collect()
	if err := vm.CheckHeap(); err != nil {
		t.Fatal(err)
	}
	if v := vm.RawGetInt(vm.Field(th.Err(), "msg"), 1); string(vm.Bytes(v)) != "the error" {
		t.Errorf("the error is %v", v)
	}
	th.Release()
	checkAlive(t, vm)
}

// TestErrStringKeepsError: __tostring of the error may fail itself.
func TestErrStringKeepsError(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	th, status := run(t, vm, `error(setmetatable({}, {__tostring = function(e) error("another") end}))`)
	if status != lua.Failed {
		t.Fatal(status)
	}
	err := th.Err()
	if s := th.ErrString(); s != "unknown reason" || th.Err() != err {
		t.Errorf("text %q, error %v, was %v", s, th.Err(), err)
	}
}

// TestFinalizersOutOfBudget: finalizers that don't end use up the budget of the
// script, which does not live on them.
func TestFinalizersOutOfBudget(t *testing.T) {
	vm := newVM(t, lua.Config{InstrBudget: 1000})
	defer vm.Close()
	done := make(chan lua.Status, 1)
	go func() {
		_, status := run(t, vm, `
			while true do
				local p = newproxy(true)
				getmetatable(p).__gc = function() while true do end end
				p = nil
				collectgarbage()
			end`)
		done <- status
	}()
	select {
	case status := <-done:
		if status != lua.Failed {
			t.Errorf("status %v", status)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("still running")
	}
	checkAlive(t, vm)
}

// TestReleasedThreadIsDead: what a script keeps of a thread or coroutine that
// the host has taken back can't be resumed.
func TestReleasedThreadIsDead(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	fn, err := vm.Load([]byte(`
		n = (n or 0) + 1
		setfenv(0, {})
		own = coroutine.running()
		inner = coroutine.create(function() local x = 1 function get() x = x + 1 return x end probe() end)
		coroutine.resume(inner)`), "=t")
	if err != nil {
		t.Fatal(err)
	}
	vm.Pin(fn)
	th := vm.NewThread()
	th.SetYieldable(true)
	if status := th.Start(fn); status != lua.Suspended {
		t.Fatal(status)
	}
	th.Release()
	vm.Collect()
	got := text(t, vm, `
		local a, b = coroutine.resume(own)
		local c, d = coroutine.resume(inner)
		return n .. coroutine.status(own) .. coroutine.status(inner) .. b .. d .. get() .. tostring(getfenv(0) == _G) .. tostring(coroutine.running())`)
	if want := "1deaddeadcannot resume dead coroutinecannot resume dead coroutine2truenil"; got != want && !strings.HasPrefix(got, "1") {
		t.Errorf("got %q, want %q", got, want)
	} else if got != want {
		// own may be the very thread that runs this.
		if want := strings.Replace(want, "1dead", "1running", 1); strings.Replace(got, "running coroutine", "dead coroutine", 1) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	checkAlive(t, vm)
}

// TestNoFunctionOnTheStack: a value that could not be called is no function for
// those who look at the stack.
func TestNoFunctionOnTheStack(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local log = {}
		local function look()
			for level = 0, 8 do
				local ok, i = pcall(debug.getinfo, level)
				log[#log + 1] = ok and i and type(i.func) or "-"
				pcall(getfenv, level)
				pcall(setfenv, level + 1, _G)
				pcall(debug.getlocal, level, 1)
			end
			return debug.traceback("")
		end
		for _, v in ipairs{5, 2^52 + 12345678, "x", {}, false} do xpcall(v, look) end
		return table.concat(log, " ")`)
	if strings.Contains(got, "number") || !strings.Contains(got, "function") {
		t.Errorf("got %q", got)
	}
	checkAlive(t, vm)
}

// TestHiddenLoopVariables: package debug can't break what loops rely on.
func TestHiddenLoopVariables(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local sum = 0
		local t = {10, 20, 30, x = 40}
		for k, v in pairs(t) do
			sum = sum + v
			for i = 1, 12 do
				local name, value = debug.getlocal(1, i)
				if name and name:sub(1, 5) == "(for " and name ~= "(for index)" and name ~= "(for limit)" and name ~= "(for step)" then
					debug.setlocal(1, i, 2^51 + 4711)
					pcall(function() for a, b in next, t, value do break end end)
					for a, b in next, {}, type(value) == "userdata" and value or nil do break end
				end
			end
		end
		return sum`)
	if got != "100" {
		t.Errorf("got %q", got)
	}
	checkAlive(t, vm)
}

// TestRegistryOfScripts: a script may put anything into the registry.
func TestRegistryOfScripts(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	text(t, vm, `
		local r = debug.getregistry()
		for k in pairs(r) do r[k] = 2^51 + 4711 end
		r.newproxy = 2^51 + 4711
		pcall(newproxy, true) pcall(newproxy, newproxy()) pcall(newproxy, newproxy(true))
		pcall(require, "x") pcall(module, "y")
		return 1`)
	checkAlive(t, vm)
}

// TestToStringYields: a __tostring called by tostring may wait.
func TestToStringYields(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	th, status := run(t, vm, `return tostring(setmetatable({}, {__tostring = function() return "got " .. probe() end}))`)
	if status != lua.Suspended {
		t.Fatalf("status %v: %s", status, th.ErrString())
	}
	if status = th.Resume(lua.Int(5)); status != lua.Done || string(vm.Bytes(th.Result(1))) != "got 5" {
		t.Errorf("status %v", status)
	}
}

// TestPcallOfPcall: as many protected calls as arguments fit, and none of Go's
// stack is in the way.
func TestPcallOfPcall(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local t = {}
		for i = 1, 7990 do t[i] = pcall end
		t[#t + 1] = error t[#t + 1] = "x"
		local n = select("#", pcall(unpack(t)))
		for i = 1, 7990 do t[i] = coroutine.wrap end
		return n .. tostring((pcall(unpack(t))))`)
	if !strings.HasPrefix(got, "7992") && !strings.HasPrefix(got, "2") {
		t.Errorf("got %q", got)
	}
	checkAlive(t, vm)
}

// TestStackLimits: lists of values near every limit.
func TestStackLimits(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local out = {}
		local function count(...) return select("#", ...) end
		local function again(...) return count(...), ... end
		local function grow(n, ...) if select("#", ...) > n then return count(...) end return grow(n, 1, 2, 3, 4, 5, 6, 7, 8, ...) end
		local t = {}
		for i = 1, 8100 do t[i] = i end
		for _, n in ipairs{7997, 7998, 7999, 8000, 8001} do
			local ok, v = pcall(count, unpack(t, 1, n < 7998 and n or 1))
			out[#out + 1] = tostring(ok) .. v
			out[#out + 1] = tostring((pcall(unpack, t, 1, n)))
			out[#out + 1] = #{again(unpack(t, 1, n - 1000))}
		end
		local ok, err = pcall(grow, 70000)
		out[#out + 1] = tostring(ok) .. err:match("stack overflow")
		out[#out + 1] = grow(20000)
		local ok, n = pcall(string.byte, ("x"):rep(7000), 1, -1)
		out[#out + 1] = tostring(ok)
		local co = coroutine.wrap(function(...) while true do local n = select("#", coroutine.yield(...)) out[#out + 1] = n end end)
		out[#out + 1] = select("#", co(unpack(t, 1, 7000)))
		out[#out + 1] = select("#", co(unpack(t, 1, 100)))
		return table.concat(out, " ")`)
	if want := "true7997 true 6998 true1 false 6999 true1 false 7000 true1 false 7001 true1 false 7002 falsestack overflow 20008 true 7000 7000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	checkAlive(t, vm)
}

// TestResumeDepth: as many coroutines may wait in resume for one another as
// LuaJIT lets call C, and those that have ended don't count.
func TestResumeDepth(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	for _, how := range []string{
		`local ok, err = coroutine.resume(coroutine.create(deeper), n + 1) return err`,
		`local f = coroutine.resume local ok, err = pcall(f, coroutine.create(deeper), n + 1) return select(2, f(coroutine.create(deeper), n + 1))`,
		`local ok, err = pcall(coroutine.wrap(deeper), n + 1) return err`,
		`local ok, err = pcall(function() for err in coroutine.wrap(deeper), n + 1 do return err end end) return err`,
	} {
		got := text(t, vm, `
			local deepest, calls = 0, 0
			local function deeper(n)
				deepest, calls = math.max(deepest, n), calls + 1
				if calls > 1000 then return "many" end
				`+how+`
			end
			local function flat() coroutine.wrap(function() coroutine.yield() end)() end
			for i = 1, 300 do coroutine.wrap(flat)() end
			return tostring(deeper(0)) .. " " .. deepest`)
		if !strings.HasSuffix(got, "C stack overflow 200") && got != "many 200" {
			t.Errorf("%s: %q", how, got)
		}
	}
}
