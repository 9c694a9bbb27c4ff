package lib

import "moonring/lua"

// string.gmatch and string.gsub.

var gmatchAuxID = lua.RegisterPure("gmatch_aux", gmatchAux)

func strGmatch(c *lua.Call) lua.Ret {
	if _, ok := c.CheckString(1); !ok {
		return lua.Fail
	}
	if _, ok := c.CheckString(2); !ok {
		return lua.Fail
	}
	f := c.VM().Builtin(gmatchAuxID, c.Arg(1), c.Arg(2), lua.Int(0))
	if f.IsNil() {
		return c.MemoryError()
	}
	return c.Return1(f)
}

// gmatchAux is gmatch's iterator. Its values are the subject, the pattern and
// the place to go on from.
func gmatchAux(c *lua.Call) lua.Ret {
	vm := c.VM()
	subject := c.Upvalue(1)
	s := vm.Bytes(subject)
	from := int(c.Upvalue(3).Float())
	if from > len(s) {
		return c.Return()
	}
	var m matcher
	m.init(c, s, vm.Bytes(c.Upvalue(2)))
	start, end := m.find(from, false)
	if m.stop || m.steps < matchLump/2 && !m.settle() {
		return m.failed(c)
	}
	if start < 0 {
		c.SetUpvalue(3, lua.Int(len(s)+1))
		return c.Return()
	}
	for i := range m.ncaptures(true) {
		b, pos, isPos, ok := m.capture(i, start, end)
		switch {
		case !ok:
			return m.failed(c)
		case isPos:
			ok = c.Push(lua.Int(pos))
		case len(b) == len(s):
			ok = c.Push(subject)
		default:
			ok = c.PushString(b)
		}
		if !ok {
			return lua.Fail
		}
	}
	next := end
	if next == start {
		next++ // an empty match must not be found again
	}
	c.SetUpvalue(3, lua.Int(next)) // last: the VM may repeat the call after an error of memory
	return c.Pushed()
}

func strGsub(c *lua.Call) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	p, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	limit, ok := optInt(c, 4, len(s)+1)
	if !ok {
		return lua.Fail
	}
	kind := c.VM().TypeOf(c.Arg(3))
	var text []byte
	switch kind {
	case lua.TypeNumber, lua.TypeString:
		if text, ok = c.CheckString(3); !ok {
			return lua.Fail
		}
		kind = lua.TypeString
	case lua.TypeTable, lua.TypeFunction:
	default:
		return c.ArgError(3, "string/function/table expected")
	}
	anchor := len(p) > 0 && p[0] == '^'
	if anchor {
		p = p[1:]
	}
	var m matcher
	m.init(c, s, p)
	w := newBuffer(c)
	plain := kind == lua.TypeString && !hasEscape(text)
	pos, copied, n := 0, 0, 0 // place to search from, bytes of s dealt with, matches
	changed := false
	for n < limit {
		start, end := m.find(pos, anchor)
		if m.stop {
			w.release()
			return m.failed(c)
		}
		if start < 0 {
			break
		}
		n++
		if !w.add(s[copied:start]) {
			return w.fail()
		}
		replaced := true
		if plain {
			ok = w.add(text)
		} else if kind == lua.TypeString {
			ok = m.expand(&w, text, start, end)
		} else {
			replaced, ok = m.replace(&w, kind, start, end)
		}
		if !ok {
			w.release()
			return m.failed(c)
		}
		if replaced {
			changed = true
			copied = end
		} else {
			copied = start
		}
		if end > start {
			pos = end
		} else {
			pos = end + 1
		}
		if pos > len(s) || anchor {
			break
		}
	}
	if m.steps < matchLump/2 && !m.settle() {
		w.release()
		return m.failed(c)
	}
	if !changed {
		w.release()
		return c.Return2(c.Arg(1), lua.Int(n))
	}
	if !w.add(s[copied:]) || !w.settle() {
		return w.fail()
	}
	v := c.VM().NewString(w.b)
	w.release()
	if v.IsNil() {
		return c.MemoryError()
	}
	return c.Return2(v, lua.Int(n))
}

func hasEscape(text []byte) bool {
	for _, ch := range text {
		if ch == '%' {
			return true
		}
	}
	return false
}

// expand adds the replacement text with its %0..%9 filled in.
func (m *matcher) expand(w *buffer, text []byte, s, e int) bool {
	m.steps -= len(text) >> 2
	for i := 0; i < len(text); i++ {
		ch := text[i]
		if ch != '%' {
			if !w.addByte(ch) {
				return false
			}
			continue
		}
		i++
		if i == len(text) {
			ch = 0 // the byte that ends a string in C
		} else {
			ch = text[i]
		}
		ok := true
		switch {
		case ch-'0' > 9:
			ok = w.addByte(ch)
		case ch == '0':
			ok = w.add(m.src[s:e])
		default:
			var b []byte
			var pos int
			var isPos bool
			if b, pos, isPos, ok = m.capture(int(ch-'1'), s, e); ok {
				if isPos {
					_, ok = w.addValue(lua.Int(pos))
				} else {
					ok = w.add(b)
				}
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// replace adds what the table or function that is argument 3 makes of a
// match; replaced is false if the match stays as it is.
func (m *matcher) replace(w *buffer, kind lua.Type, s, e int) (replaced, ok bool) {
	c := w.c
	var v lua.Value
	if kind == lua.TypeTable {
		k, ok := m.captureValue(c, 0, s, e)
		if !ok {
			return false, false
		}
		if v, ok = c.Index(c.Arg(3), k); !ok {
			return false, false
		}
	} else {
		var args [capturesMax]lua.Value
		n := m.ncaptures(true)
		for i := range n {
			var ok bool
			if args[i], ok = m.captureValue(c, i, s, e); !ok {
				return false, false
			}
		}
		if !c.Call(c.Arg(3), args[:n]...) {
			return false, false
		}
		v = c.Result(1)
	}
	if !v.Truthy() {
		return false, true
	}
	isText, added := w.addValue(v)
	if !isText {
		m.fail("invalid replacement value (a " + c.VM().TypeName(v) + ")")
		return false, false
	}
	return true, added
}

// captureValue returns capture i as a value.
func (m *matcher) captureValue(c *lua.Call, i, s, e int) (lua.Value, bool) {
	b, pos, isPos, ok := m.capture(i, s, e)
	if !ok {
		return lua.Nil, false
	}
	if isPos {
		return lua.Int(pos), true
	}
	v := c.VM().NewString(b)
	if v.IsNil() {
		c.MemoryError()
		return lua.Nil, false
	}
	return v, true
}
