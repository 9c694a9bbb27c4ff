package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/cosocket"
)

// What moves data: sock:send, receive, receiveany and receiveuntil.

var (
	socketSendID         = lua.Register("send", socketSend)
	socketReceiveID      = lua.Register("receive", socketReceive)
	socketReceiveAnyID   = lua.Register("receiveany", socketReceiveAny)
	socketReceiveUntilID = lua.Register("receiveuntil", socketReceiveUntil)
	socketIteratorID     = lua.Register("receiveuntil_iterator", socketIterator)
)

// socketSend is sock:send(data).
func socketSend(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("expecting 2 arguments (including the object), but got %d", n)
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	_, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	if s == nil || !s.Connected() || s.WriteClosed() {
		r.LogClosed(s, "send")
		return returnNilError(c, "closed")
	}
	if s.Request() != r {
		return c.Errorf("bad request")
	}
	if why := busy(s, busyConnecting|busyWriting); why != "" {
		return returnNilError(c, why)
	}
	if s.Body() {
		return c.Errorf("attempt to write to request sockets")
	}
	data, scratch, ok := sendable(c)
	if !ok {
		return lua.Fail
	}
	ret := sendBytes(c, s, data)
	if scratch != nil {
		scratch.release()
	}
	return ret
}

// sendable is what argument 2 has to send, maybe in a scratch, which is to be released; ok is false after an error.
func sendable(c *lua.Call) (data []byte, scratch *scratch, ok bool) {
	vm := c.VM()
	v := c.Arg(2)
	if v.IsString() {
		return vm.Bytes(v), nil, true
	}
	if v.IsTable() && !checkArrayOf(c, 2, v, 0, true) {
		return nil, nil, false
	}
	b := take(64)
	switch vm.TypeOf(v) {
	case lua.TypeNumber:
		b.b = appendNumber(b.b, v.Float())
	case lua.TypeNil, lua.TypeBoolean:
		b.b, _ = appendSimple(b.b, v)
	case lua.TypeTable:
		b.b = appendArray(b.b, vm, v)
	default:
		b.release()
		c.ArgError(2, "string, number, boolean, nil, or array table expected, got "+vm.TypeName(v))
		return nil, nil, false
	}
	return b.b, b, true
}

func sendBytes(c *lua.Call, s *proxy.Socket, data []byte) lua.Ret {
	if len(data) == 0 {
		return c.ReturnInt(0)
	}
	if !c.Charge(len(data) / 8) {
		return lua.Fail
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	res, waits := s.Send(data)
	return socketResult(c, res, waits)
}

// socketResult ends a builtin with the result of a read or a write, or waits for it.
func socketResult(c *lua.Call, res *proxy.SocketResult, waits bool) lua.Ret {
	if waits {
		return c.Suspend()
	}
	values, ok := res.Values()
	if !ok {
		return c.MemoryError()
	}
	if len(values) == 1 {
		return c.Return1(values[0])
	}
	for _, v := range values {
		if !c.Push(v) {
			return lua.Fail
		}
	}
	return c.Pushed()
}

// readable is the socket of argument 1 for reading. s is nil if ret is to be returned.
func readable(c *lua.Call) (r *proxy.Request, s *proxy.Socket, ret lua.Ret) {
	if r = currentRequest(c); r == nil {
		return nil, nil, lua.Fail
	}
	_, s, ok := socketArg(c)
	if !ok {
		return nil, nil, lua.Fail
	}
	if s == nil || !s.Connected() || s.ReadClosed() {
		r.LogClosed(s, "receive")
		return nil, nil, returnNilError(c, "closed")
	}
	if s.Request() != r {
		return nil, nil, c.Errorf("bad request")
	}
	if why := busy(s, busyConnecting|busyReading); why != "" {
		return nil, nil, returnNilError(c, why)
	}
	return r, s, 0
}

// receivePiece reads one.
func receivePiece(c *lua.Call, s *proxy.Socket, m cosocket.Mode, n int64) lua.Ret {
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	res, waits := s.Receive(m, n)
	return socketResult(c, res, waits)
}

// socketReceive is sock:receive(size) and sock:receive(pattern).
func socketReceive(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting 1 or 2 arguments (including the object), but got %d", n)
	}
	r, s, ret := readable(c)
	if s == nil {
		return ret
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket calling receive() method")
	}
	if n == 1 {
		return receivePiece(c, s, cosocket.Line, 0)
	}
	v := c.Arg(2)
	if f, ok := isNumber(c, v); ok {
		switch size := toSize(f); {
		case size < 0:
			return c.ArgError(2, "bad number argument")
		case size == 0:
			return c.ReturnString(nil)
		default:
			return receivePiece(c, s, cosocket.Count, size)
		}
	}
	if !v.IsString() {
		return c.ArgError(2, "bad argument")
	}
	p := c.VM().Bytes(v)
	if len(p) != 2 || p[0] != '*' {
		return c.ArgError(2, "bad pattern argument: "+string(p))
	}
	switch p[1] {
	case 'l':
		return receivePiece(c, s, cosocket.Line, 0)
	case 'a':
		return receivePiece(c, s, cosocket.All, 0)
	}
	return c.ArgError(2, "bad pattern argument")
}

// toSize is f as a size of lua_Integer's, at most 2^53.
func toSize(f float64) int64 {
	if f != f {
		return -1
	}
	return int64(max(-1, min(1<<53, f)))
}

// socketReceiveAny is sock:receiveany(max).
func socketReceiveAny(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("expecting 2 arguments (including the object), but got %d", n)
	}
	r, s, ret := readable(c)
	if s == nil {
		return ret
	}
	f, ok := isNumber(c, c.Arg(2))
	size := toSize(f)
	if !ok || size <= 0 {
		return c.ArgError(2, "bad max argument")
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket calling receiveany() method to read at most "+numberText(float64(size))+" bytes")
	}
	return receivePiece(c, s, cosocket.Any, size)
}

// socketReceiveUntil is sock:receiveuntil(pattern, options).
func socketReceiveUntil(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 2 && n != 3 {
		return c.Errorf("expecting 2 or 3 arguments (including the object), but got %d", n)
	}
	vm := c.VM()
	inclusive := false
	if n == 3 {
		opts, ok := c.CheckTable(3)
		if !ok {
			return lua.Fail
		}
		switch v := vm.Field(opts, "inclusive"); vm.TypeOf(v) {
		case lua.TypeNil:
		case lua.TypeBoolean:
			inclusive = v.Truthy()
		default:
			return c.Errorf(`bad "inclusive" option value type: %s`, vm.TypeName(v))
		}
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket calling receiveuntil() method")
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	text, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	if len(text) == 0 {
		return returnNilError(c, "pattern is empty")
	}
	if !c.Charge(2*len(text)) || !c.CheckSize(5*len(text)) {
		return lua.Fail
	}
	state := worker(c).NewSocketPattern(text, inclusive)
	if state.IsNil() {
		return c.MemoryError()
	}
	fn := vm.Builtin(socketIteratorID, t, c.Arg(2), state)
	if fn.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(fn)
}

// socketIterator is what receiveuntil returns: reads up to the pattern, or about n bytes before it.
func socketIterator(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n > 1 {
		return c.Errorf("expecting 0 or 1 argument, but seen %d", n)
	}
	size := int64(0)
	if n == 1 {
		f, ok := c.CheckNumber(1)
		if !ok {
			return lua.Fail
		}
		size = max(toSize(f), 0)
	}
	s := socketOf(c, c.Upvalue(1))
	if s == nil || !s.Connected() || s.ReadClosed() {
		return returnNilError(c, "closed")
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	if s.Request() != r {
		return c.Errorf("bad request")
	}
	if why := busy(s, busyConnecting|busyReading); why != "" {
		return returnNilError(c, why)
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua tcp socket receiveuntil iterator")
	}
	if worker(c).SocketPatternFound(c.Upvalue(3)) {
		if !c.Push(lua.Nil) || !c.Push(lua.Nil) || !c.Push(lua.Nil) {
			return lua.Fail
		}
		return c.Pushed()
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	res, waits := s.ReceiveUntil(c.Upvalue(2), c.Upvalue(3), size)
	return socketResult(c, res, waits)
}
