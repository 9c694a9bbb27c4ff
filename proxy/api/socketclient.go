package api

import (
	"moonring/lua"
)

var reqSocketID = lua.Register("socket", reqSocket)

// reqSocket is ngx.req.socket(raw).
func reqSocket(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n > 1 {
		return c.Errorf("expecting 0 or 1 argument, but got %d", n)
	}
	raw := n == 1 && c.Arg(1).Truthy()
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	if r.IsSubrequest() {
		return c.Errorf("attempt to read the request body in a subrequest")
	}
	if !raw && r.Head.Chunked {
		return returnNilError(c, "chunked request bodies not supported yet")
	}
	if request(c, handlerPhases) == nil {
		return lua.Fail
	}
	vm := c.VM()
	t := vm.NewTable(5, 0)
	if t.IsNil() {
		return c.MemoryError()
	}
	s, why := r.ClientSocket(raw)
	if why != "" {
		return returnNilError(c, why)
	}
	meta := reqMeta
	if raw {
		meta = rawReqMeta
	}
	vm.SetMetatable(t, vm.Field(vm.Registry(), meta))
	if !setSocket(c, t, s) {
		s.End()
		return lua.Fail
	}
	return c.Return1(t)
}
