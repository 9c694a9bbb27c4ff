package api

import (
	"moonring/lua"
	"moonring/proxy"
)

// ngx.req: the request's body. Once it was read it is in memory as a whole, or in a file.

var bodyFuncs = []entry{
	{"read_body", lua.Register("read_body", readBody)},
	{"discard_body", lua.Register("discard_body", discardBody)},
	{"get_body_data", lua.RegisterPure("get_body_data", bodyData)},
	{"get_body_file", lua.RegisterPure("get_body_file", bodyFile)},
	{"get_post_args", lua.RegisterPure("get_post_args", postArgs)},
}

func readBody(c *lua.Call) lua.Ret {
	if !noArgs(c) {
		return lua.Fail
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if r.Head.HasBody() && !r.BodyWasRead() && !c.CanSuspend() {
		return c.Errorf("attempt to yield across C-call boundary")
	}
	switch r.ReadBody() {
	case proxy.BodyWaits:
		return c.Suspend()
	case proxy.BodyFailed:
		return c.Abort()
	}
	return c.Return()
}

func noArgs(c *lua.Call) bool {
	if n := c.NArgs(); n != 0 {
		c.Errorf("expecting 0 arguments but seen %d", n)
		return false
	}
	return true
}

func discardBody(c *lua.Call) lua.Ret {
	if !noArgs(c) {
		return lua.Fail
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	if r.DiscardBody() > 0 {
		return c.Errorf("failed to discard request body")
	}
	return c.Return()
}

func bodyData(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n > 1 {
		return c.Errorf("expecting 0 or 1 arguments but seen %d", n)
	}
	limit := 0.0
	if c.NArgs() == 1 {
		var ok bool
		if limit, ok = c.CheckNumber(1); !ok {
			return lua.Fail
		}
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	body := r.Body()
	if !r.BodyWasRead() || len(body) == 0 {
		return c.Return1(lua.Nil)
	}
	if limit >= 1 && limit < float64(len(body)) {
		body = body[:int(limit)]
	}
	return c.ReturnString(body)
}

// bodyFile is ngx.req.get_body_file().
func bodyFile(c *lua.Call) lua.Ret {
	if !noArgs(c) {
		return lua.Fail
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	name, _, ok := r.BodyFile()
	if !ok {
		return c.Return1(lua.Nil)
	}
	return c.ReturnString([]byte(name))
}

func postArgs(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n > 1 {
		return c.Errorf("expecting 0 or 1 arguments but seen %d", n)
	}
	limit := argsMax
	if c.NArgs() == 1 {
		var ok bool
		if limit, ok = c.CheckInt(1); !ok {
			return lua.Fail
		}
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	if r.Head.HasBody() && !r.BodyWasRead() {
		return c.Errorf("no request body found; maybe you should turn on lua_need_request_body?")
	}
	if _, _, inFile := r.BodyFile(); inFile {
		return returnNilError(c, "request body in temp file not supported")
	}
	return returnArgs(c, r.Body(), limit)
}
