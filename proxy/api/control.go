package api

import (
	"math"
	"time"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// What ends or stops a handler: ngx.exit, ngx.redirect, ngx.sleep, ngx.flush(true), ngx.eof; and ngx.get_phase.

var controlFuncs = []entry{
	{"exit", lua.Register("exit", exit)},
	{"redirect", lua.Register("redirect", redirect)},
	{"exec", lua.Register("exec", exec)},
	{"sleep", lua.Register("sleep", sleep)},
	{"on_abort", lua.Register("on_abort", onAbort)},
	{"get_phase", lua.RegisterPure("get_phase", getPhase)},
}

// exitPhases are those in which ngx.exit may be called.
var exitPhases = phase.Of(phase.Rewrite, phase.ServerRewrite, phase.Access, phase.Precontent, phase.Content, phase.Timer,
	phase.HeaderFilter, phase.Balancer, phase.ProxySSLCertificate, phase.ProxySSLVerify, phase.SSLClientHello,
	phase.SSLCertificate, phase.SSLSessionStore, phase.SSLSessionFetch)

func exit(c *lua.Call) lua.Ret {
	v := c.Arg(1)
	if !v.IsNumber() {
		return c.TypeError(1, "number")
	}
	code := int(int32(v.Float()))
	if code == codeAgain || code == codeDone {
		return c.Errorf("bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE")
	}
	r := request(c, exitPhases)
	if r == nil {
		return lua.Fail
	}
	if code != codeError && code != 444 && code != 408 && code != 499 && !abortable(c, r) {
		return lua.Fail
	}
	if complaint := r.Exit(code); complaint != "" {
		r.Log(conf.Err, complaint)
	}
	if r.Phase == phase.HeaderFilter {
		return c.Return() // the filter goes on to its end
	}
	return c.Abort()
}

// abortable raises an error, and returns false, if threads of the request's wait for subrequests.
func abortable(c *lua.Call, r *proxy.Request) bool {
	if r.Capturing() {
		c.Errorf("attempt to abort with pending subrequests")
		return false
	}
	return true
}

func redirect(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n != 1 && n != 2 {
		return c.Errorf("expecting one or two arguments")
	}
	uri, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	status := 302
	if n == 2 {
		f, ok := c.CheckNumber(2)
		if !ok {
			return lua.Fail
		}
		switch f = math.Trunc(f); f {
		case 301, 302, 303, 307, 308:
			status = int(f)
		default:
			return c.Errorf("only ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT, " +
				"ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed")
		}
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if !abortable(c, r) {
		return lua.Fail
	}
	if r.HeaderSent {
		return c.Errorf("attempt to call ngx.redirect after sending out the headers")
	}
	if b, found := unsafeURIByte(uri); found {
		return c.Errorf("unsafe byte \"0x%02x\" in redirect uri \"%s\"", b, escapeForLog(uri))
	}
	if !r.SetHeader(locationName, uri) {
		return c.Errorf("no memory")
	}
	r.SetStatus(status)
	r.Exit(status)
	return c.Abort()
}

var locationName = []byte("Location")

// escapeForLog writes controls, quotes, backslashes and bytes above 0x7e as \xXX.
func escapeForLog(s []byte) []byte {
	const digits = "0123456789ABCDEF"
	var b []byte
	for _, ch := range s {
		if ch < 0x20 || ch >= 0x7f || ch == '"' || ch == '\\' {
			b = append(b, '\\', 'x', digits[ch>>4], digits[ch&15])
		} else {
			b = append(b, ch)
		}
	}
	return b
}

func sleep(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 {
		return c.Errorf("attempt to pass %d arguments, but accepted 1", n)
	}
	if worker(c).CurrentPhase() == phase.Init {
		return c.Errorf("no request found")
	}
	f, ok := c.CheckNumber(1)
	if !ok {
		return lua.Fail
	}
	ms := int64(math.MinInt64) // what C makes of a number that doesn't fit, and of NaN
	if f *= 1000; f > -1<<63 && f < 1<<63 {
		ms = int64(f)
	}
	if ms < 0 {
		return c.Errorf("invalid sleep duration \"%d\"", int32(ms))
	}
	r := request(c, phase.Yielding)
	if r == nil {
		return lua.Fail
	}
	if c.CanSuspend() {
		r.Thread().Sleep(time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond)
	}
	return c.Suspend()
}

// onAbort is ngx.on_abort(function).
func onAbort(c *lua.Call) lua.Ret {
	r := request(c, phase.OfRequest)
	if r == nil {
		return lua.Fail
	}
	// What it can't be is told first, and only then that it is no function.
	if why := r.OnAbortRefused(); why != "" {
		return returnNilError(c, why)
	}
	fn, ok := luaFunction(c, 1)
	if !ok {
		return lua.Fail
	}
	if request(c, phase.Yielding) == nil {
		return lua.Fail
	}
	if !r.OnAbort(fn) {
		return c.Errorf("no memory")
	}
	return c.ReturnInt(1)
}

func getPhase(c *lua.Call) lua.Ret {
	p := worker(c).CurrentPhase()
	if p == phase.None {
		p = phase.Init
	}
	s := c.VM().NewStringS(p.String())
	if s.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(s)
}
