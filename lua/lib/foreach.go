package lib

import "moonring/lua"

// table.foreach and table.foreachi are written in Lua, as in LuaJIT, so that
// the function they call may yield.

const foreachSource = `local check, next = ...
return function(t, f)
  check(t, f)
  for k, v in next, t do
    local r = f(k, v)
    if r ~= nil then return r end
  end
end, function(t, f)
  check(t, f)
  for i = 1, #t do
    local r = f(i, t[i])
    if r ~= nil then return r end
  end
end`

var foreachCheckID = lua.RegisterPure("check", foreachCheck)

// foreachCheck checks the arguments of the function that calls it.
func foreachCheck(c *lua.Call) lua.Ret {
	for i, want := range []lua.Type{lua.TypeTable, lua.TypeFunction} {
		if t := c.VM().TypeOf(c.Arg(i + 1)); t != want {
			return c.CallerArgError(i+1, want.String()+" expected, got "+t.String())
		}
	}
	return c.Return()
}

func openForeach(vm *lua.VM, t lua.Value) {
	f, err := vm.Load([]byte(foreachSource), "=[builtin:foreach]")
	if err != nil {
		return // only for lack of memory
	}
	g := vm.Globals()
	fns, err := vm.Call(f, vm.Builtin(foreachCheckID), vm.Field(g, "next"))
	if err != nil || len(fns) < 2 {
		return
	}
	vm.SetField(t, "foreach", fns[0])
	vm.SetField(t, "foreachi", fns[1])
}
