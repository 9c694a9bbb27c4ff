package api

import (
	"math/bits"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/h1"
)

// ngx.req: what changes the request's headers, method and body.

var setterFuncs = []entry{
	{"set_header", lua.Register("set_header", reqSetHeader)},
	{"clear_header", lua.Register("clear_header", reqClearHeader)},
	{"set_method", lua.Register("set_method", reqSetMethod)},
	{"set_body_data", lua.Register("set_body_data", reqSetBodyData)},
	{"set_body_file", lua.Register("set_body_file", reqSetBodyFile)},
	{"init_body", lua.Register("init_body", reqInitBody)},
	{"append_body", lua.Register("append_body", reqAppendBody)},
	{"finish_body", lua.Register("finish_body", reqFinishBody)},
}

// reqHeaderName is argument 1 as a request header's name; nil with an error raised.
func reqHeaderName(c *lua.Call) ([]byte, bool) {
	v := c.Arg(1)
	if v.IsNil() {
		c.Errorf("bad 'name' argument: string expected, got nil")
		return nil, false
	}
	v, ok := tostring(c, v)
	if !ok || !c.Keep(v) {
		return nil, false
	}
	return c.VM().Bytes(v), true
}

func reqSetHeader(c *lua.Call) lua.Ret { return changeRequestHeader(c, true) }
func reqAddHeader(c *lua.Call) lua.Ret { return changeRequestHeader(c, false) }

// changeRequestHeader is ngx.req.set_header(name, value) or, without override, add_header of the module ngx.req.
func changeRequestHeader(c *lua.Call, override bool) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	name, ok := reqHeaderName(c)
	if !ok {
		return lua.Fail
	}
	if r.HTTPVersion() < 10 { // there are no headers
		return c.Return()
	}
	vm := c.VM()
	value := c.Arg(2)
	switch {
	case value.IsNil() && !override:
		return c.Errorf("bad 'value' argument: string or table expected, got nil")
	case value.IsNil():
		return requestHeaderSet(c, r.SetRequestHeader(name, nil))
	case !value.IsTable():
		v, ok := tostring(c, value)
		if !ok {
			return lua.Fail
		}
		if override {
			return requestHeaderSet(c, r.SetRequestHeader(name, vm.Bytes(v)))
		}
		return requestHeaderSet(c, r.AddRequestHeader(name, vm.Bytes(v)))
	}
	n := vm.RawLen(value)
	if n == 0 && !override {
		return c.Errorf("bad 'value' argument: non-empty table expected")
	}
	if !c.Charge(20 * n) {
		return lua.Fail
	}
	// All become strings first: a __tostring may do anything.
	if !makeStrings(c, value, n) {
		return lua.Fail
	}
	if n == 0 {
		return requestHeaderSet(c, r.SetRequestHeader(name, nil))
	}
	for i := 1; i <= n; i++ {
		v := vm.RawGetInt(value, i)
		if !v.IsString() {
			continue // a __tostring has removed it
		}
		if i == 1 && override {
			ok = r.SetRequestHeader(name, vm.Bytes(v))
		} else {
			ok = r.AddRequestHeader(name, vm.Bytes(v))
		}
		if !ok {
			return requestHeaderSet(c, false)
		}
	}
	return c.Return()
}

func requestHeaderSet(c *lua.Call, ok bool) lua.Ret {
	if !ok {
		return c.Errorf("failed to set header")
	}
	return c.Return()
}

// reqClearHeader is ngx.req.clear_header(name).
func reqClearHeader(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	name, ok := reqHeaderName(c)
	if !ok {
		return lua.Fail
	}
	return requestHeaderSet(c, r.SetRequestHeader(name, nil))
}

// reqSetMethod is ngx.req.set_method(id), where id is one of ngx.HTTP_GET and so on.
func reqSetMethod(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	v := c.Arg(1)
	if !v.IsNumber() {
		return c.Errorf("bad method number")
	}
	m, ok := methodOf(uint32(int32(v.Float())))
	if !ok {
		return c.Errorf("unsupported HTTP method: %s", numberText(v.Float()))
	}
	r.SetMethod(m)
	return c.Return()
}

// methodOf is the method of an ngx.HTTP_ constant.
func methodOf(id uint32) (m h1.Method, ok bool) {
	m = h1.Method(bits.TrailingZeros32(id))
	return m, bits.OnesCount32(id) == 1 && m >= h1.MethodGET && m <= h1.MethodTRACE
}

// reqSetBodyData is ngx.req.set_body_data(data).
func reqSetBodyData(c *lua.Call) lua.Ret { return changeBody(c, (*proxy.Request).SetBody) }

// changeBody is a function of one string that changes the body.
func changeBody(c *lua.Call, change func(*proxy.Request, []byte) string) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("expecting 1 arguments but seen %d", n)
	}
	data, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	r := request(c, handlerPhases)
	if r == nil || !c.Charge(len(data)/8) {
		return lua.Fail
	}
	return bodyChange(c, change(r, data))
}

func bodyChange(c *lua.Call, why string) lua.Ret {
	if why != "" {
		return c.Errorf("%s", why)
	}
	return c.Return()
}

// reqSetBodyFile is ngx.req.set_body_file(name, clean).
func reqSetBodyFile(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting 1 or 2 arguments but seen %d", n)
	}
	name, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if n == 2 && !c.Arg(2).IsBool() {
		return c.TypeError(2, "boolean")
	}
	return bodyChange(c, r.SetBodyFile(string(name), c.Arg(2).Truthy()))
}

// reqInitBody is ngx.req.init_body(size).
func reqInitBody(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n > 1 {
		return c.Errorf("expecting 0 or 1 argument but seen %d", n)
	}
	size := -1
	if c.NArgs() == 1 {
		var ok bool
		if size, ok = c.CheckInt(1); !ok {
			return lua.Fail
		}
		if size < 0 {
			return c.Errorf("bad size argument: %d", size)
		}
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	return bodyChange(c, r.InitBody(int64(size)))
}

// reqAppendBody is ngx.req.append_body(data).
func reqAppendBody(c *lua.Call) lua.Ret { return changeBody(c, (*proxy.Request).AppendBody) }

// reqFinishBody is ngx.req.finish_body().
func reqFinishBody(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 0 {
		return c.Errorf("expecting 0 argument but seen %d", n)
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	return bodyChange(c, r.FinishBody())
}
