package api

import (
	"math"
	"strconv"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/phase"
)

// Output: ngx.say, ngx.print, ngx.flush, ngx.eof, ngx.send_headers.

var outputFuncs = []entry{
	{"say", lua.Register("say", say)},
	{"print", lua.Register("print", ngxPrint)},
	{"flush", lua.Register("flush", flush)},
	{"eof", lua.Register("eof", eof)},
	{"send_headers", lua.Register("send_headers", sendHeaders)},
}

// handlerPhases are those in which a handler may answer or read the body.
var handlerPhases = phase.Of(phase.Rewrite, phase.ServerRewrite, phase.Access, phase.Precontent, phase.Content)

func say(c *lua.Call) lua.Ret      { return echo(c, true) }
func ngxPrint(c *lua.Call) lua.Ret { return echo(c, false) }

func echo(c *lua.Call, newline bool) lua.Ret {
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if why := outputRefused(r); why != "" {
		return returnNilError(c, why)
	}
	n := c.NArgs()
	// All arguments are looked at before any of them is written.
	for i := 1; i <= n; i++ {
		v := c.Arg(i)
		if v.IsString() || v.IsNumber() {
			continue
		}
		if !checkPrintable(c, i, v) {
			return lua.Fail
		}
	}
	r.Gather()
	ok, empty, failed := writeArgs(c, r)
	if newline && !failed {
		ok = r.Output(lineEnd) && ok
	}
	ok = r.Gathered() && ok
	switch {
	case failed:
		return lua.Fail
	case !newline && empty:
		ok = r.SendHeader()
	}
	if !ok {
		return returnNilError(c, "nginx output filter error")
	}
	return c.ReturnInt(1)
}

// writeArgs writes all arguments, which were looked at before. empty says that there was nothing in them, failed that an error
// was raised.
func writeArgs(c *lua.Call, r *proxy.Request) (ok, empty, failed bool) {
	vm := c.VM()
	n := c.NArgs()
	ok, empty = true, true
	for i := 1; i <= n; i++ {
		v := c.Arg(i)
		if !v.IsString() {
			var buf [32]byte
			if b, simple := appendSimple(buf[:0], v); simple {
				ok, empty = r.Output(b) && ok, false
			} else if v.IsTable() {
				out, wrote, failed := outputTable(c, r, v)
				if failed {
					return false, false, true
				}
				ok, empty = out && ok, empty && !wrote
			}
			continue
		}
		if b := vm.Bytes(v); len(b) > 0 {
			if !mayWrite(c, r, len(b)) {
				return false, false, true
			}
			ok, empty = r.Output(b) && ok, false
		}
	}
	return ok, empty, false
}

// mayWrite raises an error if the script has used up its budget, or if what waits for the client takes too much memory.
func mayWrite(c *lua.Call, r *proxy.Request, n int) bool {
	if !c.Charge(n / 8) {
		return false
	}
	if !r.Room(n) {
		c.MemoryError()
		return false
	}
	return true
}

var lineEnd = []byte{'\n'}

// outputRefused tells why nothing can be written, "" if it can.
func outputRefused(r *proxy.Request) string {
	if r.RawAcquired() {
		return "raw request socket acquired"
	}
	if !r.HeaderSent {
		return ""
	}
	if r.HeadOnly() && r.Status != 101 { // what follows 101 is a script's own, over a raw socket
		return "header only"
	}
	if r.Ended() {
		return "seen eof"
	}
	return ""
}

// returnNilError returns nil and a message.
func returnNilError(c *lua.Call, msg string) lua.Ret {
	s := c.VM().NewStringS(msg)
	if s.IsNil() {
		return c.MemoryError()
	}
	return c.Return2(lua.Nil, s)
}

// appendSimple appends a number, boolean, nil or ngx.null as ngx.say writes them.
func appendSimple(b []byte, v lua.Value) (text []byte, ok bool) {
	switch {
	case v.IsNumber():
		return appendSaid(b, v.Float()), true
	case v.IsNil():
		return append(b, "nil"...), true
	case v == lua.True:
		return append(b, "true"...), true
	case v == lua.False:
		return append(b, "false"...), true
	case v == lua.Null:
		return append(b, "null"...), true
	}
	return b, false
}

// appendSaid writes a number as ngx_http_lua_write_num does, with C's %d or %.14g. That is not quite tostring: -0 is 0,
// NaN has the sign that it has on amd64, and a tie is rounded to even (LuaJIT rounds it up).
func appendSaid(b []byte, f float64) []byte {
	if f >= math.MinInt32 && f <= math.MaxInt32 && f == float64(int32(f)) {
		return strconv.AppendInt(b, int64(int32(f)), 10)
	}
	switch {
	case f != f:
		return append(b, "-nan"...)
	case f > math.MaxFloat64:
		return append(b, "inf"...)
	case f < -math.MaxFloat64:
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, f, 'g', 14, 64)
}

// checkPrintable raises the error for an argument that ngx.say can't write.
func checkPrintable(c *lua.Call, i int, v lua.Value) bool {
	vm := c.VM()
	switch t := vm.TypeOf(v); t {
	case lua.TypeNil, lua.TypeBoolean, lua.TypeLightUserdata:
		return true // light userdata other than NULL is passed over
	case lua.TypeTable:
		return checkArray(c, i, v, 0)
	default:
		c.ArgError(i, "string, number, boolean, nil, ngx.null, or array table expected, but got "+t.String())
		return false
	}
}

// tableDepthMax bounds how deep tables may nest: one that holds itself ends lua-nginx's process.
const tableDepthMax = 200

// arrayLen is the highest index of t; ok is false if t has keys that are no positive integers.
func arrayLen(vm *lua.VM, t lua.Value) (n int, ok bool) {
	k, _, _ := vm.Next(t, lua.Nil)
	for !k.IsNil() {
		if !k.IsNumber() {
			return 0, false
		}
		f := k.Float()
		if f != math.Floor(f) || !(f >= 1) {
			return 0, false
		}
		if f > float64(n) {
			n = int(min(f, math.MaxInt32))
		}
		k, _, _ = vm.Next(t, k)
	}
	return n, true
}

// checkArray raises the error for a table that ngx.say can't write.
func checkArray(c *lua.Call, i int, t lua.Value, depth int) bool {
	return checkArrayOf(c, i, t, depth, false)
}

// checkArrayOf is checkArray; strict allows strings and numbers alone.
func checkArrayOf(c *lua.Call, i int, t lua.Value, depth int, strict bool) bool {
	vm := c.VM()
	n, ok := arrayLen(vm, t)
	if !ok {
		c.ArgError(i, "non-array table found")
		return false
	}
	if depth > tableDepthMax {
		c.ArgError(i, "tables nested too deeply")
		return false
	}
	if !c.Charge(40 * n) { // for this pass and the one that writes
		return false
	}
	for k := 1; k <= n; k++ {
		v := vm.RawGetInt(t, k)
		switch typ := vm.TypeOf(v); typ {
		case lua.TypeString, lua.TypeNumber:
		case lua.TypeTable:
			if !checkArrayOf(c, i, v, depth+1, strict) {
				return false
			}
		case lua.TypeNil, lua.TypeBoolean, lua.TypeLightUserdata:
			if strict {
				c.ArgError(i, "bad data type "+typ.String()+" found")
				return false
			}
		default:
			c.ArgError(i, "bad data type "+typ.String()+" found")
			return false
		}
	}
	return true
}

// outputTable writes an array that checkArray has seen. wrote is false if there was nothing in it, failed is true after an error.
func outputTable(c *lua.Call, r *proxy.Request, t lua.Value) (ok, wrote, failed bool) {
	vm := c.VM()
	n, _ := arrayLen(vm, t)
	ok = true
	for k := 1; k <= n; k++ {
		v := vm.RawGetInt(t, k)
		var buf [32]byte
		var b []byte
		switch {
		case v.IsString():
			b = vm.Bytes(v)
		case v.IsTable():
			out, some, bad := outputTable(c, r, v)
			if bad {
				return false, true, true
			}
			ok, wrote = out && ok, wrote || some
		default:
			b, _ = appendSimple(buf[:0], v)
		}
		if len(b) > 0 {
			if !mayWrite(c, r, len(b)) {
				return false, true, true
			}
			ok, wrote = r.Output(b) && ok, true
		}
	}
	return ok, wrote, false
}

func sendHeaders(c *lua.Call) lua.Ret {
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if !r.HeaderSent && !r.SendHeader() {
		return returnNilError(c, "nginx output filter error")
	}
	return c.ReturnInt(1)
}

// flush passes the output on; ngx.flush(true) waits until the kernel has it all.
func flush(c *lua.Call) lua.Ret {
	n := c.NArgs()
	if n > 1 {
		return c.Errorf("attempt to pass %d arguments, but accepted 0 or 1", n)
	}
	wait := false
	if n == 1 {
		v := c.Arg(1)
		if !v.IsBool() {
			return c.TypeError(1, "boolean")
		}
		wait = v == lua.True
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if why := outputRefused(r); why != "" {
		return returnNilError(c, why)
	}
	switch {
	case r.Buffering():
		r.Log(conf.Debug, "lua http 1.0 buffering makes ngx.flush() a no-op")
		return returnNilError(c, "buffering")
	case !r.HeaderSent || r.BodySent() == 0 && !wait:
		return returnNilError(c, "nothing to flush")
	case !r.Flush():
		return returnNilError(c, "nginx output filter error")
	}
	if wait && c.CanSuspend() && r.WaitDrained() {
		return c.Suspend()
	}
	return c.ReturnInt(1)
}

func eof(c *lua.Call) lua.Ret {
	if c.NArgs() != 0 {
		return c.Errorf("no argument is expected")
	}
	r := request(c, handlerPhases)
	if r == nil {
		return lua.Fail
	}
	if r.RawAcquired() {
		return returnNilError(c, "raw request socket acquired")
	}
	if r.Ended() || r.HeaderSent && r.HeadOnly() {
		return returnNilError(c, "seen eof")
	}
	if !r.Finish() {
		return returnNilError(c, "nginx output filter error")
	}
	return c.ReturnInt(1)
}
