package lib

import (
	"math"
	"strconv"

	"moonring/lua"
	"moonring/lua/number"
)

// jsonEncoder writes one value. What it goes through is kept on the Lua stack, the table and the key of each level: a
// metamethod may take it out of its parent.
type jsonEncoder struct {
	buffer
	vm                        *lua.VM
	cfg, emptyMeta, arrayMeta lua.Value
	kept                      int
	depthMax                  int
	precision                 int
	indent                    []byte // of one level; a setting, so it stays where it is
	slash, skip               bool
}

type jsonResult uint8

const (
	jsonFailed  jsonResult = iota // an error was raised
	jsonDone                      // the value was written
	jsonSkipped                   // the value's type has no JSON, and was to be left out
)

func jsonEncode(c *lua.Call) lua.Ret {
	if c.NArgs() != 1 {
		return c.ArgError(1, "expected 1 argument")
	}
	vm, cfg := c.VM(), c.Upvalue(1)
	e := jsonEncoder{buffer: newBuffer(c), vm: vm, cfg: cfg, emptyMeta: c.Upvalue(2), arrayMeta: c.Upvalue(3)}
	e.depthMax = min(e.get(jsonEncodeDepth), jsonDepthMax)
	e.precision = e.get(jsonPrecision)
	e.slash = e.get(jsonEscapeSlash) == 1
	e.skip = e.get(jsonSkipUnsupported) == 1
	indent := vm.RawGetInt(c.Upvalue(4), 1)
	if indent.IsString() {
		if !e.keep(1, indent) { // a metamethod may set another
			return e.fail()
		}
		e.indent = vm.Bytes(indent)
	}
	if e.value(c.Arg(1), 0) == jsonFailed {
		return e.fail()
	}
	return e.result()
}

func (e *jsonEncoder) get(s jsonSetting) int { return jsonGet(e.vm, e.cfg, s) }

// refuse raises lua-cjson's error about a value.
func (e *jsonEncoder) refuse(v lua.Value, why string) jsonResult {
	e.c.Errorf("Cannot serialise %s: %s", e.vm.TypeName(v), why)
	return jsonFailed
}

func done(ok bool) jsonResult {
	if ok {
		return jsonDone
	}
	return jsonFailed
}

var jsonTrue, jsonFalse, jsonNull = []byte("true"), []byte("false"), []byte("null")

func (e *jsonEncoder) value(v lua.Value, depth int) jsonResult {
	if e.cost += 8; e.cost > 1<<13 && !e.settle() {
		return jsonFailed
	}
	switch {
	case v.IsString():
		return done(e.text(e.vm.Bytes(v)))
	case v.IsNumber():
		return e.number(v)
	case v.IsBool():
		if v.Truthy() {
			return done(e.add(jsonTrue))
		}
		return done(e.add(jsonFalse))
	case v.IsTable():
		return e.table(v, depth+1)
	case v.IsNil(), v == lua.Null:
		return done(e.add(jsonNull))
	case v == jsonEmptyArray:
		return done(e.addByte('[') && e.addByte(']'))
	case v.IsLight():
		return jsonDone // lua-cjson writes nothing at all
	case e.skip:
		return jsonSkipped
	}
	return e.refuse(v, "type not supported")
}

func (e *jsonEncoder) number(v lua.Value) jsonResult {
	f := v.Float()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch e.get(jsonEncodeInvalid) {
		case 0:
			return e.refuse(v, "must not be NaN or Infinity")
		case 2:
			return done(e.add(jsonNull))
		}
		switch {
		case f != f:
			return done(e.add([]byte("NaN")))
		case f < 0:
			return done(e.add([]byte("-Infinity")))
		}
		return done(e.add([]byte("Infinity")))
	}
	// C's %g, which rounds a tie to even; Lua's tostring doesn't.
	if i := int64(f); float64(i) == f && i > -1e9 && i < 1e9 && e.precision > 8 && (i != 0 || !math.Signbit(f)) {
		e.b = number.AppendInt(e.b, i)
	} else {
		e.b = strconv.AppendFloat(e.b, f, 'g', e.precision, 64)
	}
	return done(len(e.b) <= e.next || e.grow(0))
}

// jsonEscapes are what is written for a byte, "" for itself.
var jsonEscapes = func() (t [256]string) {
	const digits = "0123456789abcdef"
	for i := range 0x20 {
		t[i] = `\u00` + digits[i>>4:i>>4+1] + digits[i&15:i&15+1]
	}
	t[0x7f] = `\u007f`
	t['\b'], t['\t'], t['\n'], t['\f'], t['\r'] = `\b`, `\t`, `\n`, `\f`, `\r`
	t['"'], t['\\'], t['/'] = `\"`, `\\`, `\/`
	return t
}()

func (e *jsonEncoder) text(s []byte) bool {
	if !e.addByte('"') {
		return false
	}
	from := 0
	for i, ch := range s {
		esc := jsonEscapes[ch]
		if esc == "" || ch == '/' && !e.slash {
			continue
		}
		if !e.add(s[from:i]) {
			return false
		}
		if e.b = append(e.b, esc...); len(e.b) > e.next && !e.grow(0) {
			return false
		}
		from = i + 1
	}
	return e.add(s[from:]) && e.addByte('"')
}

// keep puts v where the collector finds it: slot i (from 1), whose predecessors are in use.
func (e *jsonEncoder) keep(i int, v lua.Value) bool {
	for e.kept < i {
		if !e.c.Keep(lua.Nil) {
			return false
		}
		e.kept++
	}
	e.c.SetKept(i, v)
	return true
}

func (e *jsonEncoder) table(t lua.Value, depth int) jsonResult {
	if depth > e.depthMax {
		e.c.Errorf("Cannot serialise, excessive nesting (%d)", depth)
		return jsonFailed
	}
	if !e.keep(2*depth+1, lua.Nil) {
		return jsonFailed
	}
	e.c.SetKept(2*depth, t)
	meta := e.vm.Metatable(t)
	if !meta.IsNil() {
		if meta == e.arrayMeta {
			return e.array(t, e.vm.RawLen(t), true, depth)
		}
		if f := e.vm.Field(meta, "__len"); !f.IsNil() {
			if !e.c.Call(f, t) {
				return jsonFailed
			}
			n, _ := e.vm.ToNumber(e.c.Result(1))
			return e.array(t, toInt32(n), false, depth)
		}
	}
	n, ok := e.arrayLength(t)
	switch {
	case !ok:
		return jsonFailed
	case n > 0 || n == 0 && e.get(jsonEmptyAsObject) == 0:
		return e.array(t, n, meta.IsNil(), depth)
	case !meta.IsNil() && e.vm.Metatable(t) == e.emptyMeta:
		return e.array(t, e.vm.RawLen(t), true, depth)
	}
	return e.object(t, depth)
}

// arrayLength is the largest key of a table that has only whole numbers above 0 as keys, or -1. ok is false if it
// is too sparse.
func (e *jsonEncoder) arrayLength(t lua.Value) (n int, ok bool) {
	items := 0
	for k, _, _ := e.vm.Next(t, lua.Nil); !k.IsNil(); k, _, _ = e.vm.Next(t, k) {
		if e.cost += 4; e.cost > 1<<13 && !e.settle() {
			return 0, false
		}
		f := k.Float()
		if !k.IsNumber() || f < 1 || f != math.Floor(f) || f > math.MaxInt32 {
			return -1, true
		}
		n = max(n, int(f))
		items++
	}
	ratio := e.get(jsonSparseRatio)
	if ratio > 0 && n > items*ratio && n > e.get(jsonSparseSafe) {
		if e.get(jsonSparseConvert) == 0 {
			e.refuse(t, "excessively sparse array")
			return 0, false
		}
		return -1, true
	}
	return n, true
}

// array writes items 1 to n of t, with metamethods unless raw.
func (e *jsonEncoder) array(t lua.Value, n int, raw bool, depth int) jsonResult {
	if !e.addByte('[') {
		return jsonFailed
	}
	comma := false
	for i := 1; i <= n; i++ {
		at := len(e.b)
		if comma && !e.addByte(',') || !e.line(depth) {
			return jsonFailed
		}
		v := lua.Nil
		if raw {
			v = e.vm.RawGetInt(t, i)
		} else {
			var ok bool
			if v, ok = e.c.Index(t, lua.Int(i)); !ok {
				return jsonFailed
			}
		}
		switch e.value(v, depth) {
		case jsonFailed:
			return jsonFailed
		case jsonSkipped:
			e.cut(at)
		default:
			comma = true
		}
	}
	return done((n <= 0 || e.line(depth-1)) && e.addByte(']'))
}

// object writes all pairs of t.
func (e *jsonEncoder) object(t lua.Value, depth int) jsonResult {
	if !e.addByte('{') {
		return jsonFailed
	}
	comma, any := false, false
	for k, v, _ := e.vm.Next(t, lua.Nil); !k.IsNil(); {
		any = true
		e.c.SetKept(2*depth+1, k)
		at := len(e.b)
		if comma && !e.addByte(',') || !e.line(depth) {
			return jsonFailed
		}
		switch {
		case k.IsString():
			if !e.text(e.vm.Bytes(k)) || !e.addByte(':') {
				return jsonFailed
			}
		case k.IsNumber():
			if !e.addByte('"') || e.number(k) == jsonFailed || !e.add([]byte(`":`)) {
				return jsonFailed
			}
		default:
			return e.refuse(k, "table key must be a number or string")
		}
		if len(e.indent) > 0 && !e.addByte(' ') {
			return jsonFailed
		}
		switch e.value(v, depth) {
		case jsonFailed:
			return jsonFailed
		case jsonSkipped:
			e.cut(at)
		default:
			comma = true
		}
		var ok bool
		if k, v, ok = e.vm.Next(t, k); !ok {
			e.c.ThrowString("invalid key to 'next'")
			return jsonFailed
		}
	}
	return done((!any || e.line(depth-1)) && e.addByte('}'))
}

// line begins a line of its own for what is at depth, if there are lines at all.
func (e *jsonEncoder) line(depth int) bool {
	if len(e.indent) == 0 {
		return true
	}
	if !e.addByte('\n') {
		return false
	}
	for range depth {
		if !e.add(e.indent) {
			return false
		}
	}
	return true
}

// cut takes back what was written from at on.
func (e *jsonEncoder) cut(at int) {
	e.b = e.b[:at]
	e.done = min(e.done, at)
}
