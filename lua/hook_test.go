package lua_test

import (
	"testing"

	"moonring/lua"
)

// TestHookEndsWithItsThread holds that a hook serves all threads, and no longer than the host keeps the thread that set it.
func TestHookEndsWithItsThread(t *testing.T) {
	vm := newVM(t, lua.Config{})
	defer vm.Close()
	load := func(source string) lua.Value {
		fn, err := vm.Load([]byte(source), "=hook")
		if err != nil {
			t.Fatal(err)
		}
		return fn
	}
	set := load(`coroutine.wrap(function() debug.sethook(function() error("hooked", 0) end, "", 100) end)() return 1`)
	spin := load(`for i = 1, 1000 do end return (debug.gethook())`)
	th := vm.NewThread()
	if status := th.Start(set); status != lua.Done {
		t.Fatalf("sethook: %v, %s", status, th.ErrString())
	}
	other := vm.NewThread()
	if status := other.Start(spin); status != lua.Failed || other.ErrString() != "hooked" {
		t.Errorf("another thread with the hook set: %v, %s", status, other.ErrString())
	}
	other.Release()
	if res, err := vm.Call(load(`return (debug.gethook())`)); err != nil || res[0] == lua.Nil {
		t.Errorf("after another thread's end: %v, %v", res, err)
	}
	th.Release()
	if res, err := vm.Call(spin); err != nil || res[0] != lua.Nil {
		t.Errorf("after its thread's end: %v, %v", res, err)
	}
}
