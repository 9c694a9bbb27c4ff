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
	side := sideOf(vm)
	g := side.program(c, c.Upvalue(2), true)
	if g == nil {
		return lua.Fail
	}
	m := &side.m
	m.init(c, s, g)
	start, end := m.find(from)
	if !m.settle() {
		return m.failed(c)
	}
	if start < 0 {
		c.SetUpvalue(3, lua.Int(len(s)+1))
		return c.Return()
	}
	next := end
	if next == start {
		next++ // an empty match must not be found again
	}
	// The place is set last: the VM may repeat the call after an error of memory.
	if g.ncap <= 1 {
		v, ok := m.value(c, subject, 0, start, end)
		if !ok {
			return m.failed(c)
		}
		c.SetUpvalue(3, lua.Int(next))
		return c.Return1(v)
	}
	if !m.push(c, subject, start, end) {
		return m.failed(c)
	}
	c.SetUpvalue(3, lua.Int(next))
	return c.Pushed()
}

func strGsub(c *lua.Call) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	if _, ok = c.CheckString(2); !ok {
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
	side := sideOf(c.VM())
	g := side.program(c, c.Arg(2), false)
	if g == nil {
		return lua.Fail
	}
	m := &side.m
	m.init(c, s, g)
	pos, copied, n := 0, 0, 0 // place to search from, bytes of s dealt with, matches
	var w buffer
	changed, anchor := false, g.anchor
	plain := kind == lua.TypeString && !hasEscape(text)
	for n < limit {
		start, end := m.find(pos)
		if start < 0 {
			break
		}
		if n++; n == 1 {
			w = newBuffer(c)
		}
		if !w.add(s[copied:start]) {
			return w.fail()
		}
		replaced := true
		if plain {
			ok = w.add(text)
		} else if kind == lua.TypeString {
			ok = m.expand(&w, text, start, end)
		} else {
			replaced, ok = side.replace(&w, kind, start, end)
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
	if !m.settle() {
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
// match; replaced is false if the match stays as it is. The matcher, which a
// function may have used, is set to go on.
func (s *side) replace(w *buffer, kind lua.Type, start, end int) (replaced, ok bool) {
	c, m := w.c, &s.m
	n := 1
	if kind == lua.TypeFunction {
		n = m.ncaptures(true)
	}
	var few [4]lua.Value
	args := few[:0]
	if n > len(few) {
		args = new([capturesMax]lua.Value)[:0]
	}
	for i := range n {
		v, ok := m.value(c, c.Arg(1), i, start, end)
		if !ok {
			return false, false
		}
		args = append(args, v)
	}
	v, called := lua.Nil, true
	if kind == lua.TypeFunction {
		if !c.Call(c.Arg(3), args...) {
			m.err = ""
			return false, false
		}
		v = c.Result(1)
	} else if v = c.VM().RawGet(c.Arg(3), args[0]); !v.IsNil() || c.VM().Metatable(c.Arg(3)).IsNil() {
		called = false
	} else if v, ok = c.Index(c.Arg(3), args[0]); !ok {
		m.err = ""
		return false, false
	}
	if called {
		steps := m.steps
		g := s.program(c, c.Arg(2), false)
		if g == nil {
			m.err = ""
			return false, false
		}
		m.init(c, c.VM().Bytes(c.Arg(1)), g)
		m.steps = steps
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
