package lua_test

import (
	"strings"
	"testing"

	"moonring/lua"
	"moonring/lua/lib"
)

var hostWaits = lua.Register("wait", func(c *lua.Call) lua.Ret { return c.Suspend() })

// client is an owner, as a host's request is.
type client struct {
	name    string
	vm      *lua.VM
	threads []*lua.Thread
	pins    []lua.Ref
	held    int64 // what it was ended for
}

func (o *client) OutOfMemory(held, limit int64) {
	o.held = held
	for _, t := range o.threads {
		t.Release()
	}
	for _, p := range o.pins {
		o.vm.Unpin(p)
	}
	o.threads, o.pins = nil, nil
}

func (o *client) start(t *testing.T, src string) (*lua.Thread, lua.Status) {
	t.Helper()
	fn, err := o.vm.Load([]byte(src), "="+o.name)
	if err != nil {
		t.Fatal(err)
	}
	th := o.vm.NewThread()
	th.SetOwner(o)
	o.threads = append(o.threads, th)
	return th, th.Start(fn)
}

func newHolderVM(t *testing.T, limit int64) *lua.VM {
	vm, err := lua.New(lua.Config{MemoryLimit: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vm.Close)
	vm.OpenBase()
	lib.Open(vm)
	vm.SetField(vm.Globals(), "wait", vm.Builtin(hostWaits))
	return vm
}

// holders keep about 10 MB, and wait.
var holders = map[string]string{
	"a table of strings":           `local t = {} for i = 1, 100 do t[i] = ("x"):rep(1e5) .. i end wait() return t`,
	"a list":                       `local l for i = 1, 2e5 do l = {l} end wait() return l`,
	"a large array":                `local t = {} for i = 1, 9e5 do t[i] = i end wait() return t`,
	"an upvalue":                   `local t = {} local f = function() return t end for i = 1, 100 do t[i] = ("x"):rep(1e5) .. i end t = t wait() return f`,
	"a coroutine that waits":       `coroutine.wrap(function() local t = {} for i = 1, 100 do t[i] = ("x"):rep(1e5) .. i end wait() return t end)()`,
	"coroutines that have yielded": `local t = {} for i = 1, 10 do t[i] = coroutine.wrap(function() local s = ("x"):rep(1e6) .. i coroutine.yield() return s end) t[i]() end wait() return t`,
	"what pcall has caught":        `local t = {} pcall(function() for i = 1, 100 do t[i] = ("x"):rep(1e5) .. i end error("x") end) wait() return t`,
	"userdata":                     `local t = {} for i = 1, 2.5e5 do t[i] = newproxy() end wait() return t`,
}

// TestLargestHolderPays: whatever keeps the memory, its owner is the one that is ended, what it holds is known, and whoever runs
// doesn't notice; smaller holders live.
func TestLargestHolderPays(t *testing.T) {
	const limit = 16 << 20
	for name, src := range holders {
		t.Run(name, func(t *testing.T) {
			vm := newHolderVM(t, limit)
			before := vm.MemoryUsed()
			big := &client{name: "big", vm: vm}
			if _, status := big.start(t, src); status != lua.Suspended {
				t.Fatalf("status %v", status)
			}
			vm.Collect()
			holds := vm.MemoryUsed() - before
			small := &client{name: "small", vm: vm}
			kept, status := small.start(t, `local t = {} for i = 1, 20 do t[i] = ("y"):rep(1e5) .. i end wait() return #t`)
			if status != lua.Suspended {
				t.Fatalf("status %v", status)
			}
			runs := &client{name: "runs", vm: vm}
			th, status := runs.start(t, `local t = {} for i = 1, 80 do t[i] = ("z"):rep(1e5) .. i end return #t`)
			if status != lua.Done || th.Result(1) != lua.Int(80) {
				t.Fatalf("status %v: %s", status, th.ErrString())
			}
			if holds < 3<<20 {
				t.Fatalf("it holds %d bytes only", holds)
			}
			if big.held < holds*95/100 || big.held > holds*105/100 {
				t.Errorf("it was ended for %d bytes, and held %d", big.held, holds)
			}
			if small.held != 0 || runs.held != 0 {
				t.Errorf("the others were ended for %d and %d", small.held, runs.held)
			}
			if kept.Resume() != lua.Done || kept.Result(1) != lua.Int(20) {
				t.Errorf("the smaller one didn't go on: %s", kept.ErrString())
			}
		})
	}
}

// TestPinnedValuesPay: a value pinned for an owner counts as its threads' do.
func TestPinnedValuesPay(t *testing.T) {
	vm := newHolderVM(t, 16<<20)
	o := &client{name: "ctx", vm: vm}
	th, _ := o.start(t, `local t = {} for i = 1, 100 do t[i] = ("x"):rep(1e5) .. i end return t`)
	o.pins = append(o.pins, vm.PinFor(th.Result(1), o))
	th.Release()
	o.threads = nil
	runs := &client{name: "runs", vm: vm}
	if th, status := runs.start(t, `local t = {} for i = 1, 80 do t[i] = ("z"):rep(1e5) .. i end return #t`); status != lua.Done {
		t.Errorf("status %v: %s", status, th.ErrString())
	}
	if o.held < 10e6 || o.held > 12e6 {
		t.Errorf("ended for %d bytes", o.held)
	}
}

// TestStubbornHolder: the one that holds most and runs may catch the error once. If it keeps what it has, and asks for more, it
// can't; nobody else is ended for it.
func TestStubbornHolder(t *testing.T) {
	for name, src := range map[string]string{
		"a loop":       `local l while true do pcall(function() while true do l = {l} end end) caught() end`,
		"strings":      `local t = {} while true do pcall(function() while true do t[#t + 1] = ("x"):rep(1000) .. #t end end) caught() end`,
		"a handler":    `local l while true do xpcall(function() while true do l = {l} end end, function() return 1 end) caught() end`,
		"a coroutine":  `local l while true do coroutine.resume(coroutine.create(function() while true do l = {l} end end)) caught() end`,
		"with waiting": `local l while true do pcall(function() while true do l = {l} end end) caught() wait() end`,
	} {
		t.Run(name, func(t *testing.T) {
			vm := newHolderVM(t, 16<<20)
			other := &client{name: "other", vm: vm}
			kept, _ := other.start(t, `local t = {} for i = 1, 20 do t[i] = ("y"):rep(1e5) .. i end wait() return #t`)
			bomb := &client{name: "bomb", vm: vm}
			th, status := bomb.start(t, `n = 0 function caught() n = n + 1 end `+src)
			for n := 0; status == lua.Suspended && n < 100; n++ {
				status = th.Resume()
			}
			if status != lua.Failed || !strings.Contains(th.ErrString(), "not enough memory") {
				t.Fatalf("status %v: %s", status, th.ErrString())
			}
			if n := vm.Field(vm.Globals(), "n"); n != lua.Int(1) {
				t.Errorf("it caught %v errors", n.Float())
			}
			th.Release()
			if other.held != 0 || kept.Resume() != lua.Done {
				t.Errorf("the other was ended for %d bytes", other.held)
			}
		})
	}
}

// TestSharedMemoryIsNobodys: nobody is ended for what lies in globals, and the host hears of it.
func TestSharedMemoryIsNobodys(t *testing.T) {
	vm := newHolderVM(t, 16<<20)
	var told int64
	vm.OnStarved(func(shared, limit int64) { told = shared })
	a := &client{name: "a", vm: vm}
	small, _ := a.start(t, `wait() return 1`)
	b := &client{name: "b", vm: vm}
	th, status := b.start(t, `g = {} for i = 1, math.huge do g[i] = ("x"):rep(1e5) .. i end`)
	if status != lua.Failed || th.ErrString() != "not enough memory" {
		t.Errorf("status %v: %s", status, th.ErrString())
	}
	if told < 14e6 || told > 16<<20 {
		t.Errorf("told of %d bytes", told)
	}
	th.Release()
	if a.held != 0 || small.Resume() != lua.Done {
		t.Errorf("ended for %d bytes", a.held)
	}
}

// TestRoomForBuiltins: who fills the memory and waits leaves room for what builtins with side effects make.
func TestRoomForBuiltins(t *testing.T) {
	vm := newHolderVM(t, 16<<20)
	for range 20 {
		bomb := &client{name: "bomb", vm: vm}
		if th, status := bomb.start(t, `local l pcall(function() while true do l = {l} end end) wait() return l`); status != lua.Suspended {
			t.Fatalf("status %v: %s", status, th.ErrString())
		}
		o := &client{name: "o", vm: vm}
		th, status := o.start(t, `local t = {} for i = 1, 2000 do table.insert(t, coroutine.create(wait)) rawset(t, "k" .. i, i) end return #t`)
		if status != lua.Done || th.Result(1) != lua.Int(2000) {
			t.Fatalf("status %v: %s", status, th.ErrString())
		}
		th.Release()
	}
}
