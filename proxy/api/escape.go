package api

import (
	"fmt"

	"moonring/lua"
	"moonring/proxy"
	"moonring/proxy/conf"
	"moonring/proxy/h1"
)

// URI escaping, query strings and SQL quoting: pure functions of strings, allowed in every phase.

var escapeFuncs = []entry{
	{"escape_uri", lua.RegisterPure("escape_uri", escapeURI)},
	{"unescape_uri", lua.RegisterPure("unescape_uri", unescapeURI)},
	{"encode_args", lua.RegisterPure("encode_args", encodeArgs)},
	{"decode_args", lua.RegisterPure("decode_args", decodeArgs)},
	{"quote_sql_str", lua.RegisterPure("quote_sql_str", quoteSQL)},
}

// argsMax is how many arguments get_uri_args, decode_args and get_headers take in unless told (NGX_HTTP_LUA_MAX_ARGS,
// NGX_HTTP_LUA_MAX_HEADERS).
const argsMax = 100

const hitArgsLimit = "lua hit query args limit %d"

func escapeURI(c *lua.Call) lua.Ret {
	s, ok := text(c, 1)
	if !ok {
		return lua.Fail
	}
	kind := h1.EscapeComponent
	if t := c.Arg(2); !t.IsNil() {
		if !t.IsNumber() {
			return c.ErrorAt(2, "\"type\" is not a number")
		}
		// The bounds are those of ngx_escape_uri's constants, NGX_ESCAPE_URI and NGX_ESCAPE_MAIL_AUTH.
		if f := t.Float(); !(f >= 0 && f <= float64(h1.EscapeMailAuth)) {
			return c.ErrorAt(2, "\"type\" "+numberText(f)+" out of range")
		}
		kind = h1.EscapeKind(t.Float())
	}
	n := h1.EscapedLen(s, kind)
	if !c.Charge(n) || !c.CheckSize(n) {
		return lua.Fail
	}
	if n == len(s) && c.Arg(1).IsString() {
		return c.Return1(c.Arg(1))
	}
	b := take(n)
	b.b = h1.EscapeURI(b.b, s, kind)
	return b.result(c)
}

func unescapeURI(c *lua.Call) lua.Ret {
	s, ok := text(c, 1)
	if !ok || !c.Charge(len(s)) {
		return lua.Fail
	}
	b := take(len(s))
	b.b = h1.UnescapeURI(b.b, s)
	return b.result(c)
}

func encodeArgs(c *lua.Call) lua.Ret {
	if c.NArgs() != 1 {
		return c.Errorf("expecting 1 argument but seen %d", c.NArgs())
	}
	t, ok := c.CheckTable(1)
	if !ok {
		return lua.Fail
	}
	b := take(256)
	if !appendArgs(c, b, t) {
		b.release()
		return lua.Fail
	}
	return b.result(c)
}

// appendArgs writes a table of arguments as a query string, in the order of next(). A true value gives a bare key, a
// false one nothing, a table one pair for each of its values. It returns false after an error.
func appendArgs(c *lua.Call, b *scratch, t lua.Value) bool {
	vm := c.VM()
	start := len(b.b)
	k, v, ok := vm.Next(t, lua.Nil)
	for ; ok && !k.IsNil(); k, v, ok = vm.Next(t, k) {
		if !k.IsString() {
			c.Errorf("attempt to use a non-string key in the \"args\" option table")
			return false
		}
		if !v.IsTable() {
			if !appendArg(c, b, start, k, v) {
				return false
			}
			continue
		}
		for ik, iv, ok := vm.Next(v, lua.Nil); ok && !ik.IsNil(); ik, iv, ok = vm.Next(v, ik) {
			if !appendArg(c, b, start, k, iv) {
				return false
			}
		}
	}
	return true
}

func appendArg(c *lua.Call, b *scratch, start int, k, v lua.Value) bool {
	if v == lua.False {
		return true
	}
	vm := c.VM()
	key := vm.Bytes(k)
	if v != lua.True && !v.IsString() && !v.IsNumber() {
		c.Errorf("attempt to use %s as query arg value", vm.TypeName(v))
		return false
	}
	n := len(key) + len(vm.Bytes(v)) + 32
	if !c.Charge(n) || !c.CheckSize(len(b.b)+3*n) {
		return false
	}
	if len(b.b) > start {
		b.b = append(b.b, '&')
	}
	b.b = h1.EscapeURI(b.b, key, h1.EscapeComponent)
	if v == lua.True {
		return true
	}
	b.b = append(b.b, '=')
	if v.IsNumber() {
		var digits [32]byte
		b.b = h1.EscapeURI(b.b, appendNumber(digits[:0], v.Float()), h1.EscapeComponent)
	} else {
		b.b = h1.EscapeURI(b.b, vm.Bytes(v), h1.EscapeComponent)
	}
	return true
}

func decodeArgs(c *lua.Call) lua.Ret {
	if n := c.NArgs(); n != 1 && n != 2 {
		return c.Errorf("expecting 1 or 2 arguments but seen %d", n)
	}
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	max := argsMax
	if c.NArgs() == 2 {
		if max, ok = c.CheckInt(2); !ok {
			return lua.Fail
		}
	}
	return returnArgs(c, s, max)
}

// returnArgs ends the builtin with a table of the pairs in s, a query string or a form's body, and what
// lua-nginx adds when there are more than max.
func returnArgs(c *lua.Call, s []byte, max int) lua.Ret {
	t := c.VM().NewTable(0, 4)
	if t.IsNil() {
		return c.MemoryError()
	}
	args := h1.NewArgs(s, max)
	b := take(len(s))
	for {
		k, v, hasValue, more := args.Next()
		if !more {
			break
		}
		if !addArg(c, b, t, k, v, hasValue) {
			b.release()
			return lua.Fail
		}
	}
	b.release()
	if args.Truncated() {
		return returnTruncated(c, t, hitArgsLimit, max)
	}
	return c.Return1(t)
}

// addArg decodes a pair of a query string and adds it to t; a key that is there already gets a list.
func addArg(c *lua.Call, b *scratch, t lua.Value, key, value []byte, hasValue bool) bool {
	if !c.Charge(len(key) + len(value) + 100) {
		return false
	}
	b.b = h1.UnescapeURI(b.b[:0], key)
	k := c.VM().NewString(b.b)
	v := lua.True
	if hasValue {
		b.b = h1.UnescapeURI(b.b[:0], value)
		v = c.VM().NewString(b.b)
	}
	return addMulti(c, t, k, v)
}

// addMulti sets t[k] = v, or makes t[k] a list and appends v if there is a value. k and v may be Nil for "no memory".
func addMulti(c *lua.Call, t, k, v lua.Value) bool {
	vm := c.VM()
	if k.IsNil() || v.IsNil() {
		c.MemoryError()
		return false
	}
	ok := false
	switch old := vm.RawGet(t, k); {
	case old.IsNil():
		ok = vm.RawSet(t, k, v)
	case old.IsTable():
		ok = vm.RawSetInt(old, vm.RawLen(old)+1, v)
	default:
		list := vm.NewTable(4, 0)
		ok = !list.IsNil() && vm.RawSetInt(list, 1, old) && vm.RawSetInt(list, 2, v) && vm.RawSet(t, k, list)
	}
	if !ok {
		c.MemoryError()
	}
	return ok
}

// returnTruncated returns t and "truncated". format, of numbers, says what is too many at the level debug.
func returnTruncated(c *lua.Call, t lua.Value, format string, numbers ...any) lua.Ret {
	if w, ok := c.Host().(*proxy.Worker); ok && w.Current != nil && w.Current.LogEnabled(conf.Debug) {
		w.Current.Log(conf.Debug, fmt.Sprintf(format, numbers...))
	}
	s := c.VM().NewStringS("truncated")
	if s.IsNil() {
		return c.MemoryError()
	}
	return c.Return2(t, s)
}

// sqlEscapes maps the bytes that MySQL's string literals escape to the letter after the backslash.
var sqlEscapes = [256]byte{0: '0', '\b': 'b', '\n': 'n', '\r': 'r', '\t': 't', 26: 'Z', '\\': '\\', '\'': '\'', '"': '"'}

func quoteSQL(c *lua.Call) lua.Ret {
	if c.NArgs() != 1 {
		return c.Errorf("expecting one argument")
	}
	s, ok := c.CheckString(1)
	if !ok || !c.Charge(len(s)) || !c.CheckSize(2*len(s)+2) {
		return lua.Fail
	}
	b := take(len(s) + 16)
	b.b = append(b.b, '\'')
	for _, ch := range s {
		if e := sqlEscapes[ch]; e != 0 {
			b.b = append(b.b, '\\', e)
		} else {
			b.b = append(b.b, ch)
		}
	}
	b.b = append(b.b, '\'')
	return b.result(c)
}
