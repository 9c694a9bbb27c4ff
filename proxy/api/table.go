package api

import "moonring/lua"

// entry is one function of a table.
type entry struct {
	name string
	id   lua.BuiltinID
}

func setFuncs(vm *lua.VM, t lua.Value, funcs []entry) {
	for _, f := range funcs {
		vm.SetField(t, f.name, vm.Builtin(f.id))
	}
}

// subtable makes the table t[name] with functions.
func subtable(vm *lua.VM, t lua.Value, name string, funcs []entry) lua.Value {
	sub := vm.NewTable(0, len(funcs))
	setFuncs(vm, sub, funcs)
	vm.SetField(t, name, sub)
	return sub
}

// magic gives t a metatable whose __index and __newindex are builtins.
func magic(vm *lua.VM, t lua.Value, index, newindex lua.BuiltinID) {
	meta := vm.NewTable(0, 2)
	vm.SetField(meta, "__index", vm.Builtin(index))
	if newindex != 0 {
		vm.SetField(meta, "__newindex", vm.Builtin(newindex))
	}
	vm.SetMetatable(t, meta)
}

// openPure sets what needs neither worker nor request.
func openPure(vm *lua.VM, ngx lua.Value) {
	setConstants(vm, ngx)
	setFuncs(vm, ngx, escapeFuncs)
	setFuncs(vm, ngx, digestFuncs)
}
