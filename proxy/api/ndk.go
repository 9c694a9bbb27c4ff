package api

import "moonring/lua"

// ndk.set_var.NAME: the directives of the set-misc module and its like as functions. Those that do what a function of ngx does
// are that function; the others say that they are not there.

var setVarFuncs = []entry{
	{"set_escape_uri", idOf(escapeFuncs, "escape_uri")},
	{"set_unescape_uri", idOf(escapeFuncs, "unescape_uri")},
	{"set_quote_sql_str", idOf(escapeFuncs, "quote_sql_str")},
	{"set_md5", idOf(digestFuncs, "md5")},
	{"set_encode_base64", idOf(digestFuncs, "encode_base64")},
}

func idOf(funcs []entry, name string) lua.BuiltinID {
	for _, f := range funcs {
		if f.name == name {
			return f.id
		}
	}
	panic("no function " + name)
}

var unsupportedNDKID = lua.Register("unsupported", unsupportedNDK)

func openNDK(vm *lua.VM) {
	ndk, meta := vm.NewTable(0, 1), vm.NewTable(0, 1)
	setVar := subtable(vm, ndk, "set_var", setVarFuncs)
	vm.SetField(meta, "__index", vm.Builtin(unsupportedNDKID))
	vm.SetMetatable(setVar, meta)
	vm.SetField(vm.Globals(), "ndk", ndk)
}

// unsupportedNDK is __index of ndk.set_var.
func unsupportedNDK(c *lua.Call) lua.Ret {
	name, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	f := c.VM().NewStringS("ndk.set_var." + string(name))
	if f.IsNil() {
		return c.MemoryError()
	}
	if f = c.VM().Builtin(unsupportedID, f); f.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(f)
}
