package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/phase"
)

// ndk.set_var: the functions behind directives such as set_md5, by their names.

var (
	ndkIndexID = lua.Register("ndk.set_var.__index", ndkIndex)
	ndkCallID  = lua.Register("set_var", ndkCall)
)

func openNDK(vm *lua.VM) {
	setVar, ndk := vm.NewTable(0, 0), vm.NewTable(0, 1)
	magic(vm, setVar, ndkIndexID, 0)
	vm.SetField(ndk, "set_var", setVar)
	vm.SetField(vm.Globals(), "ndk", ndk)
}

// ndkIndex makes the function for a name.
func ndkIndex(c *lua.Call) lua.Ret {
	name, ok := text(c, 2)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	if proxy.SetFunctionOf(string(name)) == nil {
		return c.Errorf("ndk.set_var: directive \"%s\" not found or does not use ndk_set_var_value", name)
	}
	f := vm.NewString(name)
	if f.IsNil() {
		return c.MemoryError()
	}
	if f = vm.Builtin(ndkCallID, f); f.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(f)
}

// ndkCall is one of them: upvalue 1 is its name.
func ndkCall(c *lua.Call) lua.Ret {
	if request(c, phase.OfRequest|phase.Of(phase.Timer)) == nil {
		return lua.Fail
	}
	v, ok := c.Arg(1), true
	if !v.IsString() {
		if v, ok = tostring(c, v); !ok {
			return lua.Fail
		}
	}
	s := c.VM().Bytes(v)
	if !c.Charge(4*len(s)) || !c.CheckSize(5*len(s)+3) {
		return lua.Fail
	}
	name := c.VM().Bytes(c.Upvalue(1))
	b := take(len(s))
	if b.b, ok = proxy.SetFunctionOf(string(name))(b.b, s); !ok {
		b.release()
		return c.Errorf("calling directive %s failed with code -1", name)
	}
	return b.result(c)
}
