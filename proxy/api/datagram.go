package api

import (
	"time"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// ngx.socket.udp. An object is a table like that of ngx.socket.tcp: [1] the handle, [2] the timeout in ms, [3] the local address.

const (
	datagramTimeout = 2
	datagramBind    = 3
	datagramMax     = 65536
)

var socketUDPID = lua.Register("udp", socketUDP)

var datagramMethods = []entry{
	{"setpeername", lua.Register("setpeername", setPeerName)},
	{"send", lua.Register("send", datagramSend)},
	{"receive", lua.Register("receive", datagramReceive)},
	{"settimeout", lua.Register("settimeout", datagramSetTimeout)},
	{"close", lua.Register("close", datagramClose)},
	{"bind", lua.Register("bind", datagramBindTo)},
}

// socketUDP is ngx.socket.udp().
func socketUDP(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 0 {
		return c.Errorf("expecting zero arguments, but got %d", n)
	}
	if request(c, phase.Yielding) == nil {
		return lua.Fail
	}
	vm := c.VM()
	t := vm.NewTable(4, 0)
	if t.IsNil() {
		return c.MemoryError()
	}
	vm.SetMetatable(t, vm.Field(vm.Registry(), udpMeta))
	return c.Return1(t)
}

// datagramOf is the socket of argument 1, an object; nil if it has none. ok is false after an error.
func datagramOf(c *lua.Call) (t lua.Value, s *proxy.Socket, ok bool) {
	if t, ok = c.CheckTable(1); !ok {
		return lua.Nil, nil, false
	}
	if s = anySocketOf(c, t); s != nil && !s.Datagrams() {
		s = nil
	}
	return t, s, true
}

func datagramBusy(s *proxy.Socket) bool { return s.Connecting() || s.Reading() }

// setPeerName is sock:setpeername(host, port) and sock:setpeername("unix:PATH").
func setPeerName(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 2 && n != 3 {
		return c.Errorf("ngx.socket.udp setpeername: expecting 2 or 3 arguments (including the object), but seen %d", n)
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	t, s, ok := datagramOf(c)
	if !ok {
		return lua.Fail
	}
	host, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	port := 0
	if n == 3 {
		f, ok := c.CheckNumber(3)
		if !ok {
			return lua.Fail
		}
		if port = toInt(f); port < 0 || port > 65535 {
			return returnNilError(c, "bad port number: "+numberText(float64(port)))
		}
	}
	vm := c.VM()
	if s != nil {
		if s.Request() != r {
			return c.Errorf("bad request")
		}
		if datagramBusy(s) {
			return returnNilError(c, "socket busy")
		}
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, "lua udp socket reconnect without shutting down")
		}
		s.End()
	}
	if !vm.RawGetInt(t, socketCtx).IsNil() && r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua reuse socket upstream ctx")
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	timeout := time.Duration(0)
	if f, ok := isNumber(c, vm.RawGetInt(t, datagramTimeout)); ok {
		timeout = time.Duration(toInt(f)) * time.Millisecond
	}
	s, why, waits := r.Datagram(string(host), port, bindAddress(vm.UserdataBytes(vm.RawGetInt(t, datagramBind))), timeout)
	if why != "" {
		return returnNilError(c, why)
	}
	if !setSocket(c, t, s) {
		s.End()
		return lua.Fail
	}
	if waits {
		return c.Suspend()
	}
	return c.ReturnInt(1)
}

// openDatagramArg is the socket of argument 1 for sending and receiving. s is nil if ret is to be returned.
func openDatagramArg(c *lua.Call, what string) (r *proxy.Request, s *proxy.Socket, ret lua.Ret) {
	if r = currentRequest(c); r == nil {
		return nil, nil, lua.Fail
	}
	_, s, ok := datagramOf(c)
	if !ok {
		return nil, nil, lua.Fail
	}
	if s == nil || !s.Connected() {
		r.LogClosedDatagrams(s, what)
		return nil, nil, returnNilError(c, "closed")
	}
	if s.Request() != r {
		return nil, nil, c.Errorf("bad request")
	}
	if datagramBusy(s) {
		return nil, nil, returnNilError(c, "socket busy")
	}
	return r, s, 0
}

// datagramSend is sock:send(data).
func datagramSend(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("expecting 2 arguments (including the object), but got %d", n)
	}
	_, s, ret := openDatagramArg(c, "send")
	if s == nil {
		return ret
	}
	data, scratch, ok := sendable(c)
	if !ok || !c.Charge(len(data)/8) {
		return lua.Fail
	}
	why := s.SendDatagram(data)
	if scratch != nil {
		scratch.release()
	}
	if why != "" {
		return returnNilError(c, why)
	}
	return c.ReturnInt(1)
}

// datagramReceive is sock:receive(size).
func datagramReceive(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting 1 or 2 arguments (including the object), but got %d", n)
	}
	r, s, ret := openDatagramArg(c, "receive")
	if s == nil {
		return ret
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua udp socket calling receive() method")
	}
	f, ok := c.OptNumber(2, datagramMax)
	if !ok {
		return lua.Fail
	}
	size := datagramMax
	if f >= 0 && f < datagramMax {
		size = int(f)
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	res, waits := s.ReceiveDatagram(size)
	return socketResult(c, res, waits)
}

// datagramSetTimeout is sock:settimeout(ms).
func datagramSetTimeout(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("ngx.socket settimeout: expecting at least 2 arguments (including the object) but seen %d", n)
	}
	t, s, ok := datagramOf(c)
	if !ok {
		return lua.Fail
	}
	f, _ := isNumber(c, c.Arg(2))
	if !c.VM().RawSetInt(t, datagramTimeout, c.Arg(2)) {
		return c.MemoryError()
	}
	if s != nil && s.Request() != nil {
		s.SetTimeouts(0, 0, time.Duration(toInt(f))*time.Millisecond)
	}
	return c.Return()
}

// datagramClose is sock:close().
func datagramClose(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("expecting 1 argument (including the object) but seen %d", n)
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	_, s, ok := datagramOf(c)
	if !ok {
		return lua.Fail
	}
	switch {
	case s == nil || !s.Connected():
		return returnNilError(c, "closed")
	case s.Request() != r:
		return c.Errorf("bad request")
	case datagramBusy(s):
		return returnNilError(c, "socket busy")
	}
	s.End()
	return c.ReturnInt(1)
}

// datagramBindTo is sock:bind(address).
func datagramBindTo(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 2 {
		return c.Errorf("expecting 2 arguments, but got %d", n)
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	u, ret, ok := newBindAddress(c, 2)
	if !ok {
		return ret
	}
	if !c.VM().RawSetInt(t, datagramBind, u) {
		return c.MemoryError()
	}
	if r.LogEnabled(conf.Debug) {
		r.Log(conf.Debug, "lua udp socket bind ip: "+string(c.VM().Bytes(c.Arg(2))))
	}
	return c.ReturnInt(1)
}
