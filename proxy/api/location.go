package api

import (
	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
	"moonring/proxy/phase"
)

// ngx.location: subrequests.

var locationFuncs = []entry{
	{"capture", lua.Register("capture", capture)},
	{"capture_multi", lua.Register("capture_multi", captureMulti)},
}

// capturePhases are those in which a handler may make subrequests.
var capturePhases = phase.Of(phase.Rewrite, phase.ServerRewrite, phase.Access, phase.Content)

// capture is ngx.location.capture(uri, options).
func capture(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting one or two arguments")
	}
	r := capturing(c)
	if r == nil {
		return lua.Fail
	}
	if !issue(c, r, 0, c.Arg(1), c.Arg(2), n == 2) {
		r.DropCaptures()
		return lua.Fail
	}
	return c.Suspend()
}

// captureMulti is ngx.location.capture_multi({ {uri, options}, ... }).
func captureMulti(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("only one argument is expected, but got %d", n)
	}
	list, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	n := vm.RawLen(list)
	if n == 0 {
		return c.Errorf("at least one subrequest should be specified")
	}
	r := capturing(c)
	if r == nil {
		return lua.Fail
	}
	for i := range n {
		if !issueQuery(c, r, i, vm.RawGetInt(list, i+1)) {
			r.DropCaptures()
			return lua.Fail
		}
	}
	return c.Suspend()
}

// capturing is the request that may make subrequests now; nil after an error.
func capturing(c *lua.Call) *proxy.Request {
	r := request(c, capturePhases)
	if r != nil && !c.CanSuspend() {
		c.Suspend() // raises the error
		return nil
	}
	return r
}

// issueQuery makes one of the subrequests of capture_multi. It returns false after an error.
func issueQuery(c *lua.Call, r *proxy.Request, i int, query lua.Value) bool {
	vm := c.VM()
	switch {
	case query.IsNil():
		c.Errorf("only array-like tables are allowed")
		return false
	case !query.IsTable():
		c.Errorf("the query argument %d is not a table, but a %s", i, vm.TypeName(query))
		return false
	}
	n := vm.RawLen(query)
	if n != 1 && n != 2 {
		c.Errorf("query argument %d expecting one or two arguments", i)
		return false
	}
	return issue(c, r, i, vm.RawGetInt(query, 1), vm.RawGetInt(query, 2), n == 2)
}

// issue makes subrequest i. It returns false after an error.
func issue(c *lua.Call, r *proxy.Request, i int, uri, options lua.Value, has bool) bool {
	vm := c.VM()
	o := proxy.Capture{Method: h1.MethodGET, Ctx: lua.Nil}
	b := take(256)
	defer b.release()
	var vars, headers lua.Value = lua.Nil, lua.Nil
	if has {
		if !options.IsTable() {
			c.Errorf("expecting table as the 2nd argument for subrequest %d, but got %s", i, vm.TypeName(options))
			return false
		}
		var ok bool
		if vars, headers, ok = captureOptions(c, r, &o, b, options); !ok {
			return false
		}
	}
	if uri.IsNumber() {
		var ok bool
		if uri, ok = tostring(c, uri); !ok {
			return false
		}
	} else if !uri.IsString() {
		c.ArgError(1, "string expected, got "+vm.TypeName(uri))
		return false
	}
	target := vm.Bytes(uri)
	if !c.Charge(400 + (len(target)+len(b.b)+len(o.Body))/8) {
		return false
	}
	p := take(len(target))
	defer p.release()
	path, args, ok := proxy.SplitURI(p.b, target)
	if !ok {
		c.Errorf("unsafe uri in argument #1: %s", target)
		return false
	}
	o.Path, o.Args = path, args
	if len(b.b) > 0 {
		if len(args) > 0 {
			both := make([]byte, 0, len(args)+1+len(b.b))
			both = append(append(both, args...), '&')
			o.Args = append(both, b.b...)
		} else {
			o.Args = b.b
		}
	}
	sub, why := r.Capture(&o)
	if sub == nil {
		c.Errorf("%s", why)
		return false
	}
	return vars.IsNil() && headers.IsNil() || setCaptured(c, r, sub, vars, headers)
}

// captureOptions reads the options of a subrequest; the arguments among them go to b. ok is false after an error.
func captureOptions(c *lua.Call, r *proxy.Request, o *proxy.Capture, b *scratch, t lua.Value) (vars, headers lua.Value, ok bool) {
	vm := c.VM()
	fail := func(format string, args ...any) (lua.Value, lua.Value, bool) {
		c.Errorf(format, args...)
		return lua.Nil, lua.Nil, false
	}
	// As in lua-nginx a metatable of the options is asked, too.
	for _, name := range captureOptionNames {
		key := vm.NewStringS(name)
		if key.IsNil() {
			c.MemoryError()
			return lua.Nil, lua.Nil, false
		}
		v := vm.RawGet(t, key)
		if v.IsNil() && vm.Metatable(t).IsTable() {
			var done bool
			if v, done = c.Index(t, key); !done || !c.Keep(v) {
				return lua.Nil, lua.Nil, false
			}
		}
		switch {
		case v.IsNil():
			continue
		case name == "args" && v.IsTable():
			if !appendArgs(c, b, v) {
				return lua.Nil, lua.Nil, false
			}
		case name == "args" && v.IsString():
			b.b = append(b.b, vm.Bytes(v)...)
		case name == "args" && v.IsNumber():
			b.b = appendNumber(b.b, v.Float())
		case name == "args":
			return fail("Bad args option value")
		case name == "vars" || name == "headers":
			if !v.IsTable() {
				return fail("Bad %s option value", name)
			}
			if !checkPairs(c, v) {
				return lua.Nil, lua.Nil, false
			}
			if name == "vars" {
				vars = v
			} else {
				headers = v
			}
		case name == "share_all_vars" || name == "copy_all_vars":
			if !v.IsBool() {
				return fail("Bad %s option value", name)
			}
			if name == "share_all_vars" {
				o.ShareVars = v == lua.True
			} else {
				o.CopyVars = v == lua.True
			}
		case name == "always_forward_body":
			o.ForwardBody = v.Truthy()
		case name == "method":
			if !v.IsNumber() {
				return fail("Bad http request method")
			}
			m, ok := methodOf(uint32(int64(v.Float())))
			if !ok {
				r.Log(conf.Err, "unsupported HTTP method: "+numberText(float64(int64(v.Float()))))
				return fail("failed to adjust the subrequest: -1")
			}
			o.Method = m
		case name == "ctx":
			if !v.IsTable() {
				return fail("Bad ctx option value type %s, expected a Lua table", vm.TypeName(v))
			}
			o.Ctx = v
		case name == "body":
			if !v.IsString() && !v.IsNumber() {
				return fail("Bad http request body")
			}
			if v.IsNumber() {
				o.Body = appendNumber(nil, v.Float())
			} else {
				o.Body = vm.Bytes(v)
			}
			o.HasBody = true
		}
	}
	return vars, headers, true
}

// captureOptionNames are the options in the order in which lua-nginx looks at them.
var captureOptionNames = []string{"args", "vars", "headers", "share_all_vars", "copy_all_vars", "always_forward_body", "method", "ctx", "body"}

// checkPairs looks at a table of variables or headers. It returns false after an error.
func checkPairs(c *lua.Call, t lua.Value) bool {
	vm := c.VM()
	for k, v, ok := vm.Next(t, lua.Nil); ok && !k.IsNil(); k, v, ok = vm.Next(t, k) {
		if !k.IsString() {
			c.Errorf("attempt to use a non-string key in the \"vars\" option table")
			return false
		}
		if !v.IsString() && !v.IsNumber() {
			c.Errorf("attempt to use bad variable value type %s", vm.TypeName(v))
			return false
		}
		if !c.Charge(20) {
			return false
		}
	}
	return true
}

// setCaptured gives a subrequest the variables and headers of its options. It returns false after an error.
func setCaptured(c *lua.Call, r, sub *proxy.Request, vars, headers lua.Value) bool {
	vm := c.VM()
	var digits [32]byte
	value := func(v lua.Value) []byte {
		if v.IsNumber() {
			return appendNumber(digits[:0], v.Float())
		}
		return vm.Bytes(v)
	}
	if headers.IsTable() {
		for k, v, ok := vm.Next(headers, lua.Nil); ok && !k.IsNil(); k, v, ok = vm.Next(headers, k) {
			if !sub.SetRequestHeader(vm.Bytes(k), value(v)) {
				c.Errorf("failed to adjust the subrequest: -1")
				return false
			}
		}
	}
	if !vars.IsTable() {
		return true
	}
	for k, v, ok := vm.Next(vars, lua.Nil); ok && !k.IsNil(); k, v, ok = vm.Next(vars, k) {
		var buf [64]byte
		name := lower(buf[:0], vm.Bytes(k))
		switch sub.SetVar(name, value(v)) {
		case nil:
		case proxy.ErrVarFixed:
			r.LogBytes(conf.Err, append(append([]byte(`variable "`), name...), `" not changeable`...))
			c.Errorf("failed to adjust the subrequest: 500")
			return false
		default:
			r.LogBytes(conf.Err, append(append([]byte(`variable "`), name...), `" cannot be assigned a value (maybe you forgot to define it first?) `...))
			c.Errorf("failed to adjust the subrequest: -1")
			return false
		}
	}
	return true
}
