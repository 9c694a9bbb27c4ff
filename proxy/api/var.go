package api

import (
	"moonring/lua"
	"moonring/proxy"
)

// ngx.var.

var (
	varIndexID    = lua.RegisterPure("var_index", varIndex)
	varNewindexID = lua.Register("var_newindex", varNewindex)
)

func openVar(vm *lua.VM, ngx lua.Value) {
	t := vm.NewTable(0, 0)
	magic(vm, t, varIndexID, varNewindexID)
	vm.SetField(ngx, "var", t)
}

func varIndex(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	key := c.Arg(2)
	if !key.IsString() {
		if key.IsNumber() {
			i := int(key.Float())
			if i < 1 { // the whole match can't be had
				return c.Return1(lua.Nil)
			}
			value, ok := r.Group(i)
			if !ok {
				return c.Return1(lua.Nil)
			}
			return c.ReturnString(value)
		}
		return c.Errorf("bad variable name")
	}
	var buf [64]byte
	value, ok := r.Var(lower(buf[:0], c.VM().Bytes(key)))
	if !ok {
		return c.Return1(lua.Nil)
	}
	return c.ReturnString(value)
}

func varNewindex(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	key := c.Arg(2)
	if !key.IsString() {
		return c.Errorf("bad variable name")
	}
	var value []byte // nil is the same as "" for every variable that can be written
	if !c.Arg(3).IsNil() {
		s, ok := tostring(c, c.Arg(3))
		if !ok {
			return lua.Fail
		}
		value = c.VM().Bytes(s)
	}
	var buf [64]byte
	name := lower(buf[:0], c.VM().Bytes(key))
	switch r.SetVar(name, value) {
	case nil:
		return c.Return()
	case proxy.ErrVarFixed:
		return c.Errorf("variable \"%s\" not changeable", name)
	}
	return c.Errorf("variable \"%s\" not found for writing; maybe it is a built-in variable that is not changeable or you "+
		"forgot to use \"set $%s '';\" in the config file to define it first", name, name)
}
