package api

import (
	_ "embed"
	"strings"

	"moonring/lua"
)

// functions names every function of the ngx table that lua-nginx-module 0.10.29 and lua-resty-core 0.1.31 document, and
// a few that they only have: one a line.
//
//go:embed functions.txt
var functions string

var unsupportedID = lua.Register("unsupported", unsupported)

// setUnsupported puts a function that says so in the place of every function that isn't built yet. What tests for one
// finds it; what calls it gets an error with its name.
func setUnsupported(vm *lua.VM, ngx lua.Value) {
	for name := range strings.FieldsSeq(functions) {
		path := strings.Split(name, ".")
		t := ngx
		for _, part := range path[1 : len(path)-1] {
			sub := vm.Field(t, part)
			if sub.IsNil() {
				sub = vm.NewTable(0, 4)
				vm.SetField(t, part, sub)
			}
			t = sub
		}
		last := path[len(path)-1]
		if vm.Field(t, last).IsNil() {
			vm.SetField(t, last, vm.Builtin(unsupportedID, vm.NewStringS(name)))
		}
	}
}

// unsupported is the function in place of the one that upvalue 1 names.
func unsupported(c *lua.Call) lua.Ret {
	return c.Errorf("%s is not supported yet", c.VM().Bytes(c.Upvalue(1)))
}
