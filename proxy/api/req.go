package api

import (
	"bytes"

	"moonring/lua"
	"moonring/proxy/h1"
)

// ngx.req: the request's line and headers.

var reqFuncs = []entry{
	{"get_method", lua.RegisterPure("get_method", reqMethod)},
	{"get_uri_args", lua.Register("get_uri_args", reqURIArgs)},
	{"http_version", lua.RegisterPure("http_version", reqHTTPVersion)},
	{"start_time", lua.RegisterPure("start_time", reqStartTime)},
	{"is_internal", lua.RegisterPure("is_internal", reqIsInternal)},
	{"raw_header", lua.RegisterPure("raw_header", reqRawHeader)},
}

var (
	reqHeadersID   = lua.RegisterPure("get_headers", reqGetHeaders)
	headersIndexID = lua.RegisterPure("headers_index", headersIndex)
)

// headersMeta is the metatable of tables of headers.
func headersMeta(vm *lua.VM) lua.Value {
	meta := vm.NewTable(0, 1)
	vm.SetField(meta, "__index", vm.Builtin(headersIndexID))
	return meta
}

// headersIndex looks a header up in a table of headers with names in small letters: in any spelling, and with
// underscores for dashes.
func headersIndex(c *lua.Call) lua.Ret {
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	if k := c.Arg(2); !k.IsString() && !k.IsNumber() {
		// lua-resty-core's function calls string.lower.
		return c.ThrowString("bad argument #1 to 'lower' (string expected, got " + vm.TypeName(k) + ")")
	}
	key, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	var buf [64]byte
	name := lower(buf[:0], key)
	changed := len(name) > 0 && &name[0] != &key[0]
	if changed {
		k := vm.NewString(name)
		if k.IsNil() {
			return c.MemoryError()
		}
		if v := vm.RawGet(t, k); !v.IsNil() {
			return c.Return1(v)
		}
	}
	u := bytes.IndexByte(name, '_')
	if u < 0 {
		return c.Return1(lua.Nil)
	}
	if !changed {
		name = append(buf[:0], name...)
	}
	for ; u < len(name); u++ {
		if name[u] == '_' {
			name[u] = '-'
		}
	}
	k := vm.NewString(name)
	if k.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(vm.RawGet(t, k))
}

// optLimit is argument i as the limit of a function of lua-resty-core's: nil and negative numbers mean argsMax.
func optLimit(c *lua.Call, i int) (int, bool) {
	v := c.Arg(i)
	if !v.Truthy() {
		return argsMax, true
	}
	if !v.IsNumber() {
		c.TypeError(i, "number")
		return 0, false
	}
	if n := int(int32(v.Float())); n >= 0 {
		return n, true
	}
	return argsMax, true
}

// reqGetHeaders is ngx.req.get_headers(max, raw); upvalue 1 is the metatable of the result.
func reqGetHeaders(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	limit, ok := optLimit(c, 1)
	if !ok {
		return lua.Fail
	}
	raw := c.Arg(2).Truthy()
	headers := r.Head.Headers
	truncated := limit > 0 && len(headers) > limit
	if truncated {
		headers = headers[:limit]
	}
	vm := c.VM()
	t := vm.NewTable(0, len(headers))
	if t.IsNil() {
		return c.MemoryError()
	}
	for i := range headers {
		if !addHeader(c, t, headers[i].Name, headers[i].Value, raw) {
			return lua.Fail
		}
	}
	if !raw {
		vm.SetMetatable(t, c.Upvalue(1))
	}
	if truncated {
		return returnTruncated(c, t, "lua exceeding request header limit %d > %d", len(r.Head.Headers), limit)
	}
	return c.Return1(t)
}

// reqURIArgs is ngx.req.get_uri_args(max, table). As in lua-resty-core the limit is told by counting '&', but pairs with
// an empty key don't use it up.
func reqURIArgs(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	limit, ok := optLimit(c, 1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	args := r.Args()
	count := 0
	if len(args) > 0 {
		count = 1 + bytes.Count(args, ampersand)
	}
	truncated := limit > 0 && count > limit
	if truncated {
		count = limit
	}
	t := c.Arg(2)
	if t.Truthy() {
		if t, ok = c.CheckTable(2); !ok {
			return lua.Fail
		}
		if !clearTable(c, t) {
			return lua.Fail
		}
	} else if t = vm.NewTable(0, min(count, argsMax)); t.IsNil() {
		return c.MemoryError()
	}
	if len(args) == 0 {
		return c.Return1(t)
	}
	it := h1.NewArgs(args, 0)
	b := take(len(args))
	for n := 0; n < count; n++ {
		key, value, hasValue, more := it.Next()
		if !more {
			break
		}
		if !addArg(c, b, t, key, value, hasValue) {
			b.release()
			return lua.Fail
		}
	}
	b.release()
	if truncated {
		return returnTruncated(c, t, hitArgsLimit, limit)
	}
	return c.Return1(t)
}

var ampersand = []byte{'&'}

func clearTable(c *lua.Call, t lua.Value) bool {
	vm := c.VM()
	for k, _, _ := vm.Next(t, lua.Nil); !k.IsNil(); k, _, _ = vm.Next(t, k) {
		if !c.Charge(20) {
			return false
		}
		vm.RawSet(t, k, lua.Nil)
	}
	return true
}

func reqMethod(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	if name := r.Head.MethodID.String(); name != "" {
		s := c.VM().NewStringS(name)
		if s.IsNil() {
			return c.MemoryError()
		}
		return c.Return1(s)
	}
	return c.ReturnString(r.Head.Method)
}

func reqHTTPVersion(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	return c.ReturnNumber(float64(r.HTTPVersion()) / 10)
}

func reqStartTime(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	return c.ReturnNumber(seconds(r.StartTime))
}

func reqIsInternal(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	return c.ReturnBool(r.Internal())
}

// reqRawHeader is ngx.req.raw_header(no_request_line): the head as it came.
func reqRawHeader(c *lua.Call) lua.Ret {
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	head := bytes.TrimLeft(r.RawHead(), "\r\n") // what may stand before a request
	if c.Arg(1).Truthy() {
		head = head[bytes.IndexByte(head, '\n')+1:]
	}
	return c.ReturnString(head)
}
