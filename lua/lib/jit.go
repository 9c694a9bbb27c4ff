package lib

import (
	"runtime"

	"moonring/lua"
)

// The jit table that portable modules look at. There is no compiler to
// machine code: status says so, on, off and flush accept what LuaJIT accepts.

var (
	jitModeID   = lua.Register("on", jitMode)
	jitOffID    = lua.Register("off", jitMode)
	jitFlushID  = lua.Register("flush", jitFlush)
	jitStatusID = lua.Register("status", jitStatus)
	jitStartID  = lua.Register("start", jitStart)
)

// The LuaJIT that we speak like, for those who look at its version.
const (
	jitVersion    = "LuaJIT 2.1.0-beta3"
	jitVersionNum = 20100
)

func openJIT(vm *lua.VM) {
	t := newLib(vm, "jit", []fn{{"on", jitModeID}, {"off", jitOffID}, {"flush", jitFlushID}, {"status", jitStatusID}})
	arch := map[string]string{"amd64": "x64", "386": "x86"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	vm.SetField(t, "version", vm.NewStringS(jitVersion))
	vm.SetField(t, "version_num", lua.Int(jitVersionNum))
	vm.SetField(t, "os", vm.NewStringS("Linux"))
	vm.SetField(t, "arch", vm.NewStringS(arch))
	opt := vm.NewTable(0, 1)
	setFuncs(vm, opt, []fn{{"start", jitStartID}})
	vm.SetField(t, "opt", opt)
	vm.SetField(loadedTable(vm), "jit.opt", opt)
}

func jitMode(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsNil() || v.IsBool() {
		return c.Return()
	}
	if _, ok := c.CheckFunction(1); !ok {
		return lua.Fail
	}
	return c.Return()
}

func jitFlush(c *lua.Call) lua.Ret {
	if c.Arg(1).IsNumber() { // a trace
		return c.Return()
	}
	return jitMode(c)
}

func jitStatus(c *lua.Call) lua.Ret { return c.Return1(lua.False) }

func jitStart(c *lua.Call) lua.Ret {
	for i := 1; i <= c.NArgs(); i++ {
		if _, ok := c.CheckString(i); !ok {
			return lua.Fail
		}
	}
	return c.Return()
}
