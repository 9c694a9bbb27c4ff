package lib

import (
	"bytes"

	"moonring/lua"
)

// The string library without patterns and format.

var (
	strByteID    = lua.Inlined(lua.RegisterPure("byte", strByte), lua.InlineByte)
	strCharID    = lua.Inlined(lua.RegisterPure("char", strChar), lua.InlineChar)
	strDumpID    = lua.Register("dump", strDump)
	strFindID    = lua.RegisterPure("find", strFind)
	strFormatID  = lua.Register("format", strFormat)
	strGmatchID  = lua.RegisterPure("gmatch", strGmatch)
	strGsubID    = lua.Register("gsub", strGsub)
	strLenID     = lua.Inlined(lua.RegisterPure("len", strLen), lua.InlineLen)
	strLowerID   = lua.Inlined(lua.RegisterPure("lower", strLower), lua.InlineLower)
	strMatchID   = lua.RegisterPure("match", strMatch)
	strRepID     = lua.RegisterPure("rep", strRep)
	strReverseID = lua.RegisterPure("reverse", strReverse)
	strSubID     = lua.Inlined(lua.RegisterPure("sub", strSub), lua.InlineSub)
	strUpperID   = lua.Inlined(lua.RegisterPure("upper", strUpper), lua.InlineUpper)
)

func openString(vm *lua.VM) {
	t := newLib(vm, "string", []fn{
		{"byte", strByteID}, {"char", strCharID}, {"dump", strDumpID}, {"find", strFindID},
		{"format", strFormatID}, {"gmatch", strGmatchID}, {"gsub", strGsubID}, {"len", strLenID},
		{"lower", strLowerID}, {"match", strMatchID}, {"rep", strRepID}, {"reverse", strReverseID},
		{"sub", strSubID}, {"upper", strUpperID},
	})
	meta := vm.NewTable(0, 1)
	vm.SetField(meta, "__index", t)
	vm.SetTypeMetatable(lua.TypeString, meta)
}

// byteResultsMax is LuaJIT's LUAI_MAXCSTACK: what a builtin may push.
const byteResultsMax = 8000

func strByte(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsString() && c.NArgs() == 2 {
		if i, ok := index(c.Arg(2)); ok && i > 0 {
			s := c.VM().Bytes(v)
			if i > len(s) {
				return c.Return()
			}
			return c.Return1(lua.Int(int(s[i-1])))
		}
	}
	if v := c.Arg(1); v.IsString() && c.NArgs() == 3 {
		i, ok := index(c.Arg(2))
		j, ok2 := index(c.Arg(3))
		if s := c.VM().Bytes(v); ok && ok2 && i > 0 && j >= i && j <= len(s) && j-i < 16 {
			return c.ReturnBytes(s[i-1 : j])
		}
	}
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	i, ok := optInt(c, 2, 1)
	if !ok {
		return lua.Fail
	}
	j, ok := optInt(c, 3, i)
	if !ok {
		return lua.Fail
	}
	i, j = span(i, j, len(s))
	switch n := j - i + 1; {
	case n <= 0:
		return c.Return()
	case n == 1:
		return c.Return1(lua.Int(int(s[i-1])))
	case n > byteResultsMax:
		return c.Errorf("string slice too long")
	case n <= 16:
		return c.ReturnBytes(s[i-1 : j])
	case n > 64 && !c.Charge(4*n):
		return lua.Fail
	}
	for _, b := range s[i-1 : j] {
		if !c.Push(lua.Int(int(b))) {
			return lua.Fail
		}
	}
	return c.Pushed()
}

// span resolves the positions i and j of a string of n bytes, which count from
// 1, or from the end if negative, to a range within 1..n.
func span(i, j, n int) (int, int) {
	if j < 0 {
		j += n + 1
	}
	if i < 0 {
		i += n + 1
	}
	return max(i, 1), min(j, n)
}

func strChar(c *lua.Call) lua.Ret {
	n := c.NArgs()
	var short [32]byte
	if n > len(short) {
		return charMany(c)
	}
	for i := range n {
		k, ok := checkInt(c, i+1)
		if !ok {
			return lua.Fail
		}
		if k != int(byte(k)) {
			return c.ArgError(i+1, "invalid value")
		}
		short[i] = byte(k)
	}
	return c.ReturnString(short[:n])
}

// charMany is strChar for more arguments than a small buffer holds.
func charMany(c *lua.Call) lua.Ret {
	w := newBuffer(c)
	for i := 1; i <= c.NArgs(); i++ {
		k, ok := checkInt(c, i)
		if !ok {
			return w.fail()
		}
		if k != int(byte(k)) {
			w.release()
			return c.ArgError(i, "invalid value")
		}
		w.b = append(w.b, byte(k))
	}
	return w.result()
}

func strDump(c *lua.Call) lua.Ret {
	f, ok := c.CheckFunction(1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	if vm.BuiltinOf(f) != 0 {
		return c.Errorf("unable to dump given function")
	}
	n := vm.DumpSize(f)
	if !c.CheckSize(dumpCost*n) || !c.Charge(dumpCost*n) {
		return lua.Fail
	}
	w := newBuffer(c)
	w.b, _ = vm.Dump(w.b, f, c.Arg(2).Truthy())
	return w.result()
}

// dumpCost is the memory and work that a dump takes, in bytes and units per byte of it.
const dumpCost = 4

func strLen(c *lua.Call) lua.Ret {
	if c.NArgs() == 0 {
		return typeErrorNil(c, 1, "string")
	}
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	return c.ReturnInt(len(s))
}

func strSub(c *lua.Call) lua.Ret {
	if v := c.Arg(1); v.IsString() && c.NArgs() == 3 {
		i, ok := index(c.Arg(2))
		j, ok2 := index(c.Arg(3))
		if s := c.VM().Bytes(v); ok && ok2 && i > 0 && j >= i && j <= len(s) && j-i <= 256 {
			return c.ReturnString(s[i-1 : j])
		}
	}
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	i, ok := checkInt(c, 2)
	if !ok {
		return lua.Fail
	}
	j, ok := optInt(c, 3, -1)
	if !ok {
		return lua.Fail
	}
	i, j = span(i, j, len(s))
	if i > j {
		return c.ReturnString(nil)
	}
	if j-i+1 == len(s) {
		return c.Return1(c.Arg(1))
	}
	if n := j - i; n > 256 && !c.Charge(n>>2) {
		return lua.Fail
	}
	return c.ReturnString(s[i-1 : j])
}

func strRep(c *lua.Call) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	n, ok := checkInt(c, 2)
	if !ok {
		return lua.Fail
	}
	sep, ok := c.OptString(3, nil)
	if !ok {
		return lua.Fail
	}
	if n <= 0 || len(s)+len(sep) == 0 {
		return c.ReturnString(nil)
	}
	if n == 1 {
		return c.Return1(c.Arg(1))
	}
	// Neither product overflows: the factors are below 2^31.
	total := n*len(s) + (n-1)*len(sep)
	if b := c.Scratch(); total <= cap(b) {
		repeat(b[:total], s, sep)
		return c.ReturnString(b[:total])
	}
	w := newBuffer(c)
	b := w.reserve(total)
	if b == nil {
		return w.fail()
	}
	repeat(b, s, sep)
	return w.result()
}

// repeat fills dst with s and sep in turns.
func repeat(dst, s, sep []byte) {
	k := copy(dst, s)
	k += copy(dst[k:], sep)
	for k < len(dst) { // what is there already, twice as much each time
		k += copy(dst[k:], dst[:k])
	}
}

func strReverse(c *lua.Call) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	if b := c.Scratch(); len(s) <= cap(b) {
		b = b[:len(s)]
		reverse(b, s)
		return c.ReturnString(b)
	}
	w := newBuffer(c)
	b := w.reserve(len(s))
	if b == nil {
		return w.fail()
	}
	reverse(b, s)
	return w.result()
}

// reverse fills dst with the bytes of src from its end.
func reverse(dst, src []byte) {
	for i, ch := range src {
		dst[len(src)-1-i] = ch
	}
}

func strLower(c *lua.Call) lua.Ret { return changeCase(c, 'A') }
func strUpper(c *lua.Call) lua.Ret { return changeCase(c, 'a') }

// changeCase switches the case of the 26 letters from first on.
func changeCase(c *lua.Call, first byte) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	i := 0
	for i < len(s) && s[i]-first >= 26 {
		i++
	}
	if i == len(s) {
		if !c.Charge(i >> 1) {
			return lua.Fail
		}
		return c.Return1(c.Arg(1))
	}
	w := newBuffer(c)
	b := w.reserve(len(s))
	if b == nil {
		return w.fail()
	}
	copy(b, s[:i])
	for ; i < len(s); i++ {
		ch := s[i]
		if ch-first < 26 {
			ch ^= 0x20
		}
		b[i] = ch
	}
	return w.result()
}

// hasPattern tells whether s holds a character that is special in patterns.
func hasPattern(s []byte) bool {
	for _, ch := range s {
		if charClass[ch]&chPunct != 0 {
			switch ch {
			case '^', '$', '*', '+', '?', '.', '(', '[', '%', '-':
				return true
			}
		}
	}
	return false
}

func strFind(c *lua.Call) lua.Ret  { return findOrMatch(c, true) }
func strMatch(c *lua.Call) lua.Ret { return findOrMatch(c, false) }

func findOrMatch(c *lua.Call, find bool) lua.Ret {
	s, ok := c.CheckString(1)
	if !ok {
		return lua.Fail
	}
	p, ok := c.CheckString(2)
	if !ok {
		return lua.Fail
	}
	i := 0
	if c.NArgs() > 2 {
		if i, ok = optInt(c, 3, 1); !ok {
			return lua.Fail
		}
		if i < 0 {
			i += len(s) + 1
		}
		i = min(max(i-1, 0), len(s))
	}
	if find && c.Arg(4).Truthy() {
		return findPlain(c, s, p, i)
	}
	side := sideOf(c.VM())
	g := side.program(c, c.Arg(2), false)
	if g == nil {
		return lua.Fail
	}
	if find && g.plain {
		return findPlain(c, s, p, i)
	}
	m := &side.m
	m.init(c, s, g)
	start, end := m.find(i)
	if !m.settle() {
		return m.failed(c)
	}
	if start < 0 {
		return c.Return1(lua.Nil)
	}
	if find && g.ncap == 0 {
		return c.Return2(lua.Int(start+1), lua.Int(end))
	}
	if !find && g.ncap <= 1 {
		v, ok := m.value(c, c.Arg(1), 0, start, end)
		if !ok {
			return m.failed(c)
		}
		return c.Return1(v)
	}
	if find && (!c.Push(lua.Int(start+1)) || !c.Push(lua.Int(end))) {
		return lua.Fail
	}
	if !m.push(c, c.Arg(1), start, end) {
		return m.failed(c)
	}
	return c.Pushed()
}

// findPlain looks for the text p in s[i:].
func findPlain(c *lua.Call, s, p []byte, i int) lua.Ret {
	if n := len(s) - i; n > 512 && !c.Charge(n>>4+len(p)>>4) {
		return lua.Fail
	}
	k := -1
	if len(p) == 1 {
		k = bytes.IndexByte(s[i:], p[0])
	} else {
		k = bytes.Index(s[i:], p)
	}
	if k < 0 {
		return c.Return1(lua.Nil)
	}
	return c.Return2(lua.Int(i+k+1), lua.Int(i+k+len(p)))
}

// push pushes all captures of a match; the whole of it, if there are none and
// nothing was pushed yet. After an error it returns false.
func (m *matcher) push(c *lua.Call, subject lua.Value, s, e int) bool {
	for i := range m.ncaptures(c.NPushed() == 0) {
		v, ok := m.value(c, subject, i, s, e)
		if !ok || !c.Push(v) {
			return false
		}
	}
	return true
}
