package lib

import "moonring/lua"

// table.foreach and table.foreachi are written in Lua, as in LuaJIT, so that
// the function they call may yield.

const foreachSource = `local check, error, next = ...
return function(t, f)
  local wrong = check("foreach", t, f)
  if wrong then error(wrong, 2) end
  for k, v in next, t do
    local r = f(k, v)
    if r ~= nil then return r end
  end
end, function(t, f)
  local wrong = check("foreachi", t, f)
  if wrong then error(wrong, 2) end
  for i = 1, #t do
    local r = f(i, t[i])
    if r ~= nil then return r end
  end
end`

var foreachCheckID = lua.RegisterPure("check", foreachCheck)

// foreachCheck returns what is wrong with the arguments, if anything.
func foreachCheck(c *lua.Call) lua.Ret {
	for i, want := range []lua.Type{lua.TypeTable, lua.TypeFunction} {
		if t := c.VM().TypeOf(c.Arg(i + 2)); t != want {
			msg := "bad argument #" + string(rune('1'+i)) + " to '" + string(c.VM().Bytes(c.Arg(1))) + "' (" + want.String() + " expected, got " + t.String() + ")"
			return c.ReturnString([]byte(msg))
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
	fns, err := vm.Call(f, vm.Builtin(foreachCheckID), vm.Field(g, "error"), vm.Field(g, "next"))
	if err != nil || len(fns) < 2 {
		return
	}
	vm.SetField(t, "foreach", fns[0])
	vm.SetField(t, "foreachi", fns[1])
}
