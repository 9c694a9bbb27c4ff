package lib

import "moonring/lua"

// jit.opt, which configurations of OpenResty call to tune the compiler. There
// is none: the flags are accepted and have no effect. The jit table itself is
// the VM's.

var jitStartID = lua.Register("start", jitStart)

func openJIT(vm *lua.VM) {
	opt := vm.NewTable(0, 1)
	setFuncs(vm, opt, []fn{{"start", jitStartID}})
	vm.SetField(loadedTable(vm), "jit.opt", opt)
	if t := vm.Field(vm.Globals(), "jit"); t.IsTable() {
		vm.SetField(t, "opt", opt)
		vm.SetField(loadedTable(vm), "jit", t)
	}
}

func jitStart(c *lua.Call) lua.Ret {
	for i := 1; i <= c.NArgs(); i++ {
		if _, ok := c.CheckString(i); !ok {
			return lua.Fail
		}
	}
	return c.Return()
}
