package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// What changes the request's URI: ngx.req.set_uri, ngx.req.set_uri_args, ngx.exec.

var uriFuncs = []entry{
	{"set_uri", lua.Register("set_uri", reqSetURI)},
	{"set_uri_args", lua.Register("set_uri_args", reqSetURIArgs)},
}

// unsafeURIByte is the first control character in a URI, tabs aside.
func unsafeURIByte(uri []byte) (c byte, found bool) {
	for _, b := range uri {
		if b < 0x20 && b != '\t' || b == 0x7f {
			return b, true
		}
	}
	return 0, false
}

// reqSetURI is ngx.req.set_uri(uri, jump, binary).
func reqSetURI(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n < 1 || n > 3 {
		return c.Errorf("expecting 1, 2 or 3 arguments but seen %d", n)
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	uri, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	if len(uri) == 0 {
		return c.Errorf("attempt to use zero-length uri")
	}
	binary, jump := c.Arg(3), c.Arg(2)
	if n >= 3 && !binary.IsBool() {
		return c.TypeError(3, "boolean")
	}
	if b, found := unsafeURIByte(uri); found && !binary.Truthy() {
		return c.Errorf("unsafe byte \"0x%02x\" in uri \"%s\" (maybe you want to set the 'binary' argument?)", b, escapeForLog(uri))
	}
	if n >= 2 {
		if !jump.IsBool() {
			return c.TypeError(2, "boolean")
		}
		if jump == lua.True && request(c, phase.Of(phase.Rewrite, phase.ServerRewrite)) == nil {
			return lua.Fail
		}
	}
	if jump == lua.True && !abortable(c, r) {
		return lua.Fail
	}
	r.SetInternalPath(uri)
	if jump == lua.True {
		if r.LogEnabled(conf.Debug) {
			r.Log(conf.Debug, `lua set uri jump to "`+string(escapeForLog(uri))+`"`)
		}
		r.Jump()
		return c.Abort()
	}
	return c.Return()
}

// reqSetURIArgs is ngx.req.set_uri_args(args).
func reqSetURIArgs(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("expecting 1 argument but seen %d", n)
	}
	r := anyRequest(c)
	if r == nil {
		return lua.Fail
	}
	b := take(256)
	defer b.release()
	v := c.Arg(1)
	switch {
	case v.IsString():
		for _, ch := range c.VM().Bytes(v) {
			if ch <= ' ' || ch == 0x7f {
				const digits = "0123456789ABCDEF"
				b.b = append(b.b, '%', digits[ch>>4], digits[ch&15])
			} else {
				b.b = append(b.b, ch)
			}
		}
	case !argsArgument(c, b, 1):
		return lua.Fail
	}
	r.SetArgs(b.b)
	return c.Return()
}

// argsArgument appends argument i, a number, string or table, as a query string; false after an error.
func argsArgument(c *lua.Call, b *scratch, i int) bool {
	v := c.Arg(i)
	switch {
	case v.IsString(), v.IsNumber():
		text, ok := c.CheckString(i)
		b.b = append(b.b, text...)
		return ok
	case v.IsTable():
		return appendArgs(c, b, v)
	}
	c.ArgError(i, "string, number, or table expected, but got "+c.VM().TypeName(v))
	return false
}

// exec is ngx.exec(uri, args).
func exec(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting one or two arguments, but got %d", n)
	}
	if w := worker(c); w.Current == nil && beforeWorkers(w.CurrentPhase()) {
		return c.Errorf("no request object found")
	}
	uri, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	if len(uri) == 0 {
		return c.Errorf("The uri argument is empty")
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	path, args := take(len(uri)), take(256)
	defer path.release()
	defer args.release()
	p, query, ok := proxy.SplitURI(path.b, uri)
	if !ok {
		if r.LogEnabled(conf.Err) {
			r.LogBytes(conf.Err, append([]byte("unsafe URI \""), append(h1.AppendHeaderValue(nil, uri), " was detected"...)...))
		}
		return c.Errorf("unsafe uri")
	}
	if p != nil {
		path.b = p
	}
	args.b = append(args.b, query...)
	if v := c.Arg(2); n == 2 && !v.IsNil() {
		before := len(args.b)
		if before > 0 {
			args.b = append(args.b, '&')
		}
		start := len(args.b)
		if !argsArgument(c, args, 2) {
			return lua.Fail
		}
		if len(args.b) == start {
			args.b = args.b[:before]
		}
	}
	if !abortable(c, r) {
		return lua.Fail
	}
	if r.HeaderSent {
		return c.Errorf("attempt to call ngx.exec after sending out response headers")
	}
	r.Exec(p, args.b)
	return c.Abort()
}
