package api

import (
	"encoding/binary"

	"moonring/lua"
	"moonring/proxy"
)

// TLS of sockets: sock:sslhandshake and what goes with it. A session is a userdata that holds the worker's number of it.

const sessionMeta = "TLS session"

var (
	sslHandshakeID  = lua.Register("sslhandshake", sslHandshake)
	sslFinishID     = lua.Register("sslhandshake_result", sslFinish)
	setClientCertID = lua.Register("setclientcert", setClientCert)
	getSSLSessionID = lua.Register("getsslsession", getSSLSession)
	sessionGCID     = lua.Register("gc", sessionGC)
)

// openTLS adds the methods to those of TCP sockets. sslhandshake waits in the middle, so a function in Lua puts it together.
func openTLS(vm *lua.VM, meta lua.Value) {
	const source = `local handshake, finish = ...
return function(self, session, ...)
    local ok, err = handshake(self, session, ...)
    if not ok then return nil, err end
    return finish(self, session)
end`
	fn, err := vm.Load([]byte(source), "=sslhandshake")
	if err == nil {
		var made []lua.Value
		if made, err = vm.Call(fn, vm.Builtin(sslHandshakeID), vm.Builtin(sslFinishID)); err == nil {
			vm.SetField(meta, "sslhandshake", made[0])
		}
	}
	if err != nil && err != lua.ErrMemory {
		panic(err) // our own code
	}
	vm.SetField(meta, "setclientcert", vm.Builtin(setClientCertID))
	vm.SetField(meta, "getsslsession", vm.Builtin(getSSLSessionID))
	session := vm.NewTable(0, 1)
	vm.SetField(session, "__gc", vm.Builtin(sessionGCID))
	vm.SetField(vm.Registry(), sessionMeta, session)
}

// sessionOf is the session that a userdata holds, nil if it holds none.
func sessionOf(c *lua.Call, v lua.Value) *proxy.TLSSession {
	if b := c.VM().UserdataBytes(v); len(b) == handleBytes && c.VM().Metatable(v) == c.VM().Field(c.VM().Registry(), sessionMeta) {
		return worker(c).TLSSession(binary.NativeEndian.Uint64(b))
	}
	return nil
}

// returnSession returns a session as a new userdata.
func returnSession(c *lua.Call, t *proxy.TLSSession) lua.Ret {
	vm := c.VM()
	u := vm.NewUserdata(handleBytes, vm.Field(vm.Registry(), sessionMeta))
	if u.IsNil() {
		return c.MemoryError()
	}
	binary.NativeEndian.PutUint64(vm.UserdataBytes(u), worker(c).KeepSession(t))
	return c.Return1(u)
}

func sessionGC(c *lua.Call) lua.Ret {
	if b := c.VM().UserdataBytes(c.Arg(1)); len(b) == handleBytes {
		worker(c).DropSession(binary.NativeEndian.Uint64(b))
	}
	return c.Return()
}

// sslHandshake is the first half of sock:sslhandshake(session, name, verify, status): true, or nil and what is wrong.
func sslHandshake(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n > 5 || c.Arg(1).IsNil() {
		if c.Arg(1).IsNil() {
			n = 0
		}
		return c.Errorf("ngx.socket sslhandshake: expecting 1 ~ 5 arguments (including the object), but seen %d", n)
	}
	r := currentRequest(c)
	if r == nil {
		return lua.Fail
	}
	s, ok := connectedArg(c)
	if !ok {
		return lua.Fail
	}
	o := proxy.HandshakeOptions{Session: sessionOf(c, c.Arg(2)), NoSession: c.Arg(2) == lua.False, Verify: c.Arg(4).Truthy()}
	if c.Arg(3).Truthy() {
		name, ok := c.CheckString(3)
		if !ok {
			return lua.Fail
		}
		o.Name = string(name)
	}
	if s == nil || !s.Connected() || s.ReadClosed() || s.WriteClosed() {
		return returnNilError(c, "closed")
	}
	if s.Request() != r {
		return returnNilError(c, "bad request")
	}
	if why := busy(s, busyConnecting|busyReading|busyWriting); why != "" {
		return returnNilError(c, why)
	}
	if s.Downstream() {
		return returnNilError(c, "not supported for downstream sockets")
	}
	if s.Secure() {
		return c.ReturnBool(true)
	}
	if !c.CanSuspend() {
		return c.Suspend() // raises the error
	}
	why, waits := s.Handshake(&o)
	switch {
	case why != "":
		return returnNilError(c, why)
	case waits:
		return c.Suspend()
	}
	return c.ReturnBool(true)
}

// sslFinish is the second half: what a handshake that was good returns.
func sslFinish(c *lua.Call) lua.Ret {
	_, s, ok := socketArg(c)
	if !ok {
		return lua.Fail
	}
	if c.Arg(2) == lua.False || s == nil || s.Session() == nil {
		return c.ReturnBool(true)
	}
	return returnSession(c, s.Session())
}

// setClientCert is sock:setclientcert(cert, key). What makes certificates and keys, ngx.ssl, isn't there yet, so there are none to be set.
func setClientCert(c *lua.Call) lua.Ret {
	if _, ok := c.CheckTable(1); !ok {
		return lua.Fail
	}
	cert, key := c.Arg(2), c.Arg(3)
	switch {
	case !cert.Truthy() && !key.Truthy():
		return c.ReturnBool(true)
	case !cert.Truthy() || !key.Truthy():
		return returnNilError(c, "client certificate must be supplied with corresponding private key")
	}
	return returnNilError(c, "bad cert arg: cdata expected, got "+c.VM().TypeName(cert))
}

// getSSLSession is sock:getsslsession().
func getSSLSession(c *lua.Call) lua.Ret {
	s, ok := connectedArg(c)
	switch {
	case !ok:
		return lua.Fail
	case s == nil || !s.Connected() || s.ReadClosed() && s.WriteClosed():
		return returnNilError(c, "closed")
	case !s.Secure():
		return returnNilError(c, "no session")
	}
	return returnSession(c, s.Session())
}
