package lua_test

import (
	"fmt"
	"strings"
	"testing"

	"moonring/lua"
)

// started loads a hostile script and runs it to its first stop.
func startHostile(t *testing.T, vm *lua.VM, src string) (*lua.Thread, lua.Status) {
	t.Helper()
	fn, err := vm.Load([]byte(src), "=h")
	if err != nil {
		if err == lua.ErrMemory {
			return nil, lua.Failed
		}
		t.Fatal(err)
	}
	ref := vm.Pin(fn)
	defer vm.Unpin(ref)
	th := vm.NewThread()
	if th == nil {
		return nil, lua.Failed
	}
	return th, th.Start(fn)
}

// identity is the script's probe when nothing suspends.
var identityID = lua.Register("identity", func(c *lua.Call) lua.Ret {
	if !c.CheckAny(1) {
		return lua.Fail
	}
	return c.Return1(c.Arg(1))
})

// newHostileVM is newVM with a probe that returns at once.
func newHostileVM(t *testing.T, cfg lua.Config) *lua.VM {
	vm := newVM(t, cfg)
	vm.SetField(vm.Globals(), "probe", vm.Builtin(identityID))
	return vm
}

// answer is what a script returns without bounds.
func answer(t *testing.T, src string) string {
	vm := newHostileVM(t, lua.Config{Compat52: true})
	defer vm.Close()
	th, status := startHostile(t, vm, src)
	if status != lua.Done {
		t.Fatalf("status %v: %s\n%s", status, th.ErrString(), th.Traceback())
	}
	s := string(vm.Bytes(th.Result(1)))
	if s == "" {
		t.Fatal("no text returned")
	}
	return s
}

// TestEveryMemoryLimit runs each script with limits from what is in use up in
// small steps: every allocation fails once, or nearly so. The result must be
// "not enough memory" or the right one, and the VM sound and usable.
func TestEveryMemoryLimit(t *testing.T) {
	step, most := int64(512), 160
	if raceEnabled || lua.Poisoned {
		step, most = 16384, 40
	}
	for _, s := range hostile {
		t.Run(s.name, func(t *testing.T) {
			want := answer(t, s.src)
			vm := newHostileVM(t, lua.Config{Compat52: true})
			defer vm.Close()
			vm.Collect()
			failed, succeeded := 0, 0
			for i := 0; i < most && succeeded < 3; i++ {
				limit := vm.MemoryUsed() + int64(i*i)*step/8
				vm.SetMemoryLimit(limit)
				th, status := startHostile(t, vm, s.src)
				switch {
				case status == lua.Done:
					if got := string(vm.Bytes(th.Result(1))); got == want {
						succeeded++
					} else if !s.catches() {
						t.Fatalf("limit %d: got %q, want %q", limit, got, want)
					}
				case th == nil:
					failed++
				case status == lua.Failed:
					failed++
					if msg := th.ErrString(); !memoryMessage(msg) {
						t.Fatalf("limit %d: %s\n%s", limit, msg, th.Traceback())
					}
				default:
					t.Fatalf("limit %d: status %v", limit, status)
				}
				if th != nil {
					th.Release()
				}
				vm.SetMemoryLimit(64 << 20)
				checkAlive(t, vm)
			}
			if failed == 0 || succeeded == 0 {
				t.Errorf("%d runs failed, %d succeeded", failed, succeeded)
			}
		})
	}
}

// catches tells whether the script may have caught an error that a bound raised.
func (s hostileScript) catches() bool {
	return strings.Contains(s.src, "pcall") || strings.Contains(s.src, "coroutine.resume") || strings.Contains(s.src, "__gc")
}

// memoryMessage tells whether an error may be due to the memory limit.
func memoryMessage(msg string) bool {
	return strings.Contains(msg, "not enough memory")
}

// TestEveryBudget runs each script with every number of budget steps.
func TestEveryBudget(t *testing.T) {
	most := int64(500)
	if raceEnabled || lua.Poisoned {
		most = 25
	}
	for _, s := range hostile {
		t.Run(s.name, func(t *testing.T) {
			want := answer(t, s.src)
			vm := newHostileVM(t, lua.Config{Compat52: true})
			defer vm.Close()
			failed := 0
			for n := int64(1); n <= most; n++ {
				vm.SetBudget(0, n)
				th, status := startHostile(t, vm, s.src)
				switch {
				case status == lua.Done:
					if got := string(vm.Bytes(th.Result(1))); got != want && !s.catches() {
						t.Fatalf("budget %d: got %q, want %q", n, got, want)
					}
				case status == lua.Failed:
					failed++
				default:
					t.Fatalf("budget %d: status %v", n, status)
				}
				th.Release()
				if n%16 == 0 {
					checkAlive(t, vm)
				}
			}
			if failed == 0 {
				t.Error("no budget was too small")
			}
			checkAlive(t, vm)
			vm.SetBudget(0, 10_000_000)
			th, status := startHostile(t, vm, s.src)
			if status != lua.Done || string(vm.Bytes(th.Result(1))) != want {
				t.Errorf("afterwards: %v %s", status, th.ErrString())
			}
		})
	}
}

// TestSuspendEverywhere runs each script with a probe that suspends: what it
// returns must not depend on that.
func TestSuspendEverywhere(t *testing.T) {
	for _, stress := range []bool{false, true} {
		for i, s := range hostile {
			if stress && raceEnabled && i != 3 {
				continue // takes seconds
			}
			t.Run(fmt.Sprint(s.name, " ", stress), func(t *testing.T) {
				want := answer(t, s.src)
				vm := newVM(t, lua.Config{Compat52: true, GCStress: stress})
				defer vm.Close()
				var arg lua.Ref
				vm.SetHost(&arg)
				vm.SetField(vm.Globals(), "probe", vm.Builtin(suspendID))
				th, status := startHostile(t, vm, s.src)
				waits := 0
				for ; status == lua.Suspended; waits++ {
					// Others run in between, and leave the stack they used in any state.
					other, st := startHostile(t, vm, between)
					if st != lua.Done {
						t.Fatalf("in between: %v %s", st, other.ErrString())
					}
					other.Release()
					v := vm.Pinned(arg)
					vm.Unpin(arg)
					status = th.Resume(v)
				}
				if status != lua.Done {
					t.Fatalf("status %v: %s\n%s", status, th.ErrString(), th.Traceback())
				}
				if got := string(vm.Bytes(th.Result(1))); got != want {
					t.Errorf("suspended %d times: got %q, want %q", waits, got, want)
				}
				if waits == 0 {
					t.Error("never suspended")
				}
				th.Release()
				checkAlive(t, vm)
			})
		}
	}
}

const between = `local t = {} for i = 1, 300 do t[i] = {i} end return select("#", unpack(t)), coroutine.wrap(function(...) return ... end)(unpack(t))`

// suspend pins its argument for the host, which gives it back.
var suspendID = lua.Register("suspend", func(c *lua.Call) lua.Ret {
	if !c.CanSuspend() {
		return c.Return1(c.Arg(1))
	}
	*c.Host().(*lua.Ref) = c.VM().Pin(c.Arg(1))
	return c.Suspend()
})

// TestReleaseInAnyState: whatever became of a thread, it can be used again, and
// so can the VM.
func TestReleaseInAnyState(t *testing.T) {
	for _, s := range hostile {
		t.Run(s.name, func(t *testing.T) {
			want := answer(t, s.src)
			vm := newVM(t, lua.Config{Compat52: true})
			defer vm.Close()
			var arg lua.Ref
			vm.SetHost(&arg)
			vm.SetField(vm.Globals(), "probe", vm.Builtin(suspendID))
			for stop := 0; ; stop++ {
				th, status := startHostile(t, vm, s.src)
				n := 0
				for ; status == lua.Suspended && n < stop; n++ {
					v := vm.Pinned(arg)
					vm.Unpin(arg)
					status = th.Resume(v)
				}
				if status == lua.Done {
					if got := string(vm.Bytes(th.Result(1))); got != want {
						t.Fatalf("got %q, want %q", got, want)
					}
					th.Release()
					break
				}
				if status != lua.Suspended {
					t.Fatalf("status %v after %d waits: %s", status, n, th.ErrString())
				}
				vm.Unpin(arg)
				if stop%2 == 0 { // the error may be caught
					for status = th.ResumeError(lua.Int(stop)); status == lua.Suspended && n < 1000; n++ {
						v := vm.Pinned(arg)
						vm.Unpin(arg)
						status = th.Resume(v)
					}
				}
				th.Release()
				if stop%8 == 0 {
					checkAlive(t, vm)
				}
			}
			checkAlive(t, vm)
		})
	}
}

// TestTinyMemoryLimit: New refuses limits with which nothing can be done, and
// what it accepts is enough for the libraries.
func TestTinyMemoryLimit(t *testing.T) {
	refused, accepted := 0, 0
	for limit := int64(1); limit < 1<<21; limit += limit/3 + 1 {
		vm, err := lua.New(lua.Config{MemoryLimit: limit})
		if err != nil {
			refused++
			continue
		}
		accepted++
		vm.Close()
		vm = newVM(t, lua.Config{MemoryLimit: limit})
		checkAlive(t, vm)
		vm.Close()
	}
	if refused == 0 || accepted == 0 {
		t.Errorf("%d limits refused, %d accepted", refused, accepted)
	}
}

// TestFieldHints: an instruction's hint has 16 bits; tables with more nodes are
// looked up all the same, also with many sizes at one instruction.
func TestFieldHints(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	got := text(t, vm, `
		local function get(t) return t.wanted end
		local function set(t, v) t.wanted = v end
		local tables = {}
		for _, n in ipairs{0, 1, 3, 10, 300, 5000, 70000} do
			local t = {}
			for i = 1, n do t["k" .. i] = i end
			tables[#tables + 1] = t
		end
		local sum = 0
		for round = 1, 3 do
			for i, t in ipairs(tables) do
				assert(get(t) == (round > 1 and i * (round - 1) or nil))
				set(t, i * round)
				assert(get(t) == i * round and t["k1"] == (i > 1 and 1 or nil))
				sum = sum + get(t)
			end
		end
		return sum`)
	if got != "168" {
		t.Errorf("got %s", got)
	}
	checkAlive(t, vm)
}
