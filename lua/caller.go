package lua

import "moonring/lua/compile"

// ErrorAt is Errorf with the position of the function level calls above the builtin: 1 is its caller. Nothing precedes
// the message if that is no Lua code.
func (c *Call) ErrorAt(level int, msg string) Ret {
	c.vm.setErrorString(c.vm.where(c, level) + msg)
	return Fail
}

// CallerArgError is ArgError for the Lua function that has called the builtin: a part of it that checks its arguments.
func (c *Call) CallerArgError(i int, msg string) Ret {
	f, _ := c.vm.caller(frame{c.base, nil})
	c.vm.argError(f, i, msg)
	return Fail
}

// AppendCaller appends to b the chunk of the function that called the builtin, shortened as in error messages, and
// returns with it the current line, -1 outside of Lua code, and the name that the function was called by, "" if that
// can't be told or it is a main chunk: what lua_getinfo says of level 1.
func (c *Call) AppendCaller(b []byte) (text []byte, line int, name string) {
	vm := c.vm
	f, ok := vm.caller(frame{c.base, nil})
	if !ok {
		return append(b, '?'), -1, ""
	}
	fn := vm.luaFunction(f)
	if fn == nil {
		return append(b, "[C]"...), -1, ""
	}
	b = append(b, compile.ChunkID(string(vm.strBytes(vm.proto(fn.proto).source)))...)
	if vm.proto(fn.proto).firstLine != 0 { // not a main chunk
		_, name = vm.functionName(f)
	}
	return b, vm.line(f), name
}
