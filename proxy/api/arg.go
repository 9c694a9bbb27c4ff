package api

import (
	"moonring/lua"
	"moonring/proxy/phase"
)

// ngx.arg: in body filters the piece of the body, and whether it is the last; in set_by_lua* its arguments.

func argIndex(c *lua.Call) lua.Ret {
	r := worker(c).Current
	if r == nil {
		return c.Errorf("no request found")
	}
	switch r.Phase {
	case phase.Set:
		i := c.Arg(2)
		if !i.IsNumber() {
			return c.TypeError(2, "number")
		}
		value, ok := r.SetArgument(int(int32(i.Float())))
		if !ok {
			return c.Return1(lua.Nil)
		}
		return c.ReturnString(value)
	case phase.BodyFilter:
		chunk, eof := r.Chunk()
		switch key := c.Arg(2); {
		case key == lua.Int(1):
			return c.ReturnString(chunk)
		case key == lua.Int(2):
			return c.ReturnBool(eof)
		}
		return c.Return1(lua.Nil)
	}
	return c.Errorf("API disabled in the current context")
}

func argNewindex(c *lua.Call) lua.Ret {
	r := worker(c).Current
	if r == nil {
		return c.Return()
	}
	if r.Phase != phase.BodyFilter {
		wrongPhase(c)
		return lua.Fail
	}
	vm := c.VM()
	i, ok := c.CheckInt(2)
	if !ok {
		return lua.Fail
	}
	v := c.Arg(3)
	switch {
	case i == 2:
		r.SetEOF(v.Truthy())
		return c.Return()
	case i != 1:
		return c.Errorf("bad index: %d", i)
	}
	switch vm.TypeOf(v) {
	case lua.TypeNil:
		r.SetChunk(nil)
	case lua.TypeString, lua.TypeNumber:
		text, ok := c.CheckString(3)
		if !ok || !c.Charge(len(text)/8) {
			return lua.Fail
		}
		r.SetChunk(text)
	case lua.TypeTable:
		if !checkArray(c, 3, v, 0) {
			return lua.Fail
		}
		b := take(256)
		b.b = appendArray(b.b, vm, v)
		if !c.Charge(len(b.b) / 8) {
			b.release()
			return lua.Fail
		}
		r.SetChunk(b.b)
		b.release()
	default:
		return c.Errorf("bad chunk data type: %s", vm.TypeName(v))
	}
	return c.Return()
}

// appendArray appends the text of an array that checkArray has seen.
func appendArray(b []byte, vm *lua.VM, t lua.Value) []byte {
	n, _ := arrayLen(vm, t)
	for k := 1; k <= n; k++ {
		v := vm.RawGetInt(t, k)
		switch {
		case v.IsString():
			b = append(b, vm.Bytes(v)...)
		case v.IsTable():
			b = appendArray(b, vm, v)
		default:
			b, _ = appendSimple(b, v)
		}
	}
	return b
}
