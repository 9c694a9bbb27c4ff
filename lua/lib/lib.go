package lib

import (
	"math"

	"moonring/lua"
)

// fn is one entry of a library's table.
type fn struct {
	name string
	id   lua.BuiltinID
}

// newLib makes a table of functions, puts it in the globals under name and
// notes it in package.loaded.
func newLib(vm *lua.VM, name string, fns []fn) lua.Value {
	t := vm.NewTable(0, len(fns))
	setFuncs(vm, t, fns)
	vm.SetField(vm.Globals(), name, t)
	vm.SetField(loadedTable(vm), name, t)
	return t
}

func setFuncs(vm *lua.VM, t lua.Value, fns []fn, upvals ...lua.Value) {
	for _, f := range fns {
		vm.SetField(t, f.name, vm.Builtin(f.id, upvals...))
	}
}

// registryTable returns the table under name in the registry, made if absent.
func registryTable(vm *lua.VM, name string) lua.Value {
	t := vm.Field(vm.Registry(), name)
	if !t.IsTable() {
		t = vm.NewTable(0, 8)
		vm.SetField(vm.Registry(), name, t)
	}
	return t
}

// toInt32 converts as LuaJIT does on amd64, with cvttsd2si: toward zero; what
// does not fit, and NaN, becomes the smallest int32. So s:sub(1, math.huge) is
// empty.
func toInt32(f float64) int {
	// Out of range, Go's conversion gives some int64 that is no int32, if f is
	// no NaN.
	if i := int64(f); i == int64(int32(i)) && f == f {
		return int(i)
	}
	return math.MinInt32
}

// checkInt returns argument i as an int32.
func checkInt(c *lua.Call, i int) (int, bool) {
	if v := c.Arg(i); v.IsNumber() {
		return toInt32(v.Float()), true
	}
	f, ok := c.CheckNumber(i)
	return toInt32(f), ok
}

// optInt is checkInt with a default for an absent or nil argument.
func optInt(c *lua.Call, i, def int) (int, bool) {
	v := c.Arg(i)
	if v.IsNumber() {
		return toInt32(v.Float()), true
	}
	if v.IsNil() {
		return def, true
	}
	return checkInt(c, i)
}

// index returns what v, an argument, is as a whole number of int32's range;
// ok is false for all else, numbers with a fraction included. It is the fast
// way, which the compiler can inline.
func index(v lua.Value) (i int, ok bool) {
	i = int(int32(int64(v.Float())))
	return i, v.IsNumber() && float64(i) == v.Float()
}

// typeErrorNil is TypeError for the functions that LuaJIT has written in Lua:
// an argument that wasn't passed is nil there, not "no value".
func typeErrorNil(c *lua.Call, i int, want string) lua.Ret {
	return c.ArgError(i, want+" expected, got "+c.VM().TypeName(c.Arg(i)))
}

// checkTableNil and checkIntNil check arguments of those.
func checkTableNil(c *lua.Call, i int) (lua.Value, bool) {
	if t := c.Arg(i); t.IsTable() {
		return t, true
	}
	typeErrorNil(c, i, "table")
	return lua.Nil, false
}

func checkIntNil(c *lua.Call, i int) (int, bool) {
	if c.Arg(i).IsNil() {
		typeErrorNil(c, i, "number")
		return 0, false
	}
	return checkInt(c, i)
}

// option returns the index of argument i in names, def if it is absent and def
// is not negative; -1 after an error.
func option(c *lua.Call, i, def int, names ...string) int {
	if def >= 0 && c.Arg(i).IsNil() {
		return def
	}
	s, ok := c.CheckString(i)
	if !ok {
		return -1
	}
	for k, name := range names {
		if string(s) == name {
			return k
		}
	}
	c.ArgError(i, "invalid option '"+string(s)+"'")
	return -1
}
