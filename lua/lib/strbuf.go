package lib

import (
	"unsafe"

	"moonring/lua"
	"moonring/lua/number"
)

// The module string.buffer. A buffer is userdata with a strbuf in it. Its
// environment is a table with the text, another userdata, and what its options
// were (see options). All of it lies in the arena, so it is charged and
// collected as any object. Through package debug a script can put anything
// anywhere there: what is found is checked at each use.
type strbuf struct {
	magic    uint32
	from, to uint32 // the text's bytes that are the buffer's content
	_        uint32
}

const (
	strbufMagic = 0x42554653
	strbufSize  = int(unsafe.Sizeof(strbuf{}))
	strbufMax   = 0x7fffff00 // LJ_MAX_BUF
	strbufMin   = 48
)

// Fields of a buffer's environment.
const (
	strbufText = 1 + iota
	strbufStrings
	strbufStringIndex
	strbufMetas
	strbufMetaIndex
	strbufFields = strbufMetaIndex
)

var (
	strbufOpenID = lua.Register("string.buffer", strbufOpen)

	// The one value of each is the metatable of buffers.
	strbufFuncs = []fn{
		{"new", lua.Register("new", strbufNew)},
		{"encode", lua.Register("encode", serialEncode)},
		{"decode", lua.Register("decode", serialDecode)},
	}
	strbufMethods = []fn{
		{"put", lua.Register("put", strbufPut)},
		{"putf", lua.Register("putf", strbufPutf)},
		{"set", lua.Register("set", strbufSet)},
		{"get", lua.Register("get", strbufGet)},
		{"skip", lua.Register("skip", strbufSkip)},
		{"reset", lua.Register("reset", strbufReset)},
		{"free", lua.Register("free", strbufFree)},
		{"tostring", lua.Register("tostring", strbufTostring)},
		{"encode", lua.Register("encode", strbufEncode)},
		{"decode", lua.Register("decode", strbufDecode)},
		{"reserve", strbufNeedsFFI("reserve")},
		{"commit", strbufNeedsFFI("commit")},
		{"ref", strbufNeedsFFI("ref")},
		{"putcdata", strbufNeedsFFI("putcdata")},
	}
	strbufMeta = []fn{
		{"__tostring", lua.Register("__tostring", strbufTostring)},
		{"__len", lua.Register("__len", strbufLen)},
		{"__concat", lua.Register("__concat", strbufConcat)},
	}
)

func openStringBuffer(vm *lua.VM) {
	vm.SetField(preloadTable(vm), "string.buffer", vm.Builtin(strbufOpenID))
}

func strbufOpen(c *lua.Call) lua.Ret {
	vm := c.VM()
	t, meta, methods := vm.NewTable(0, 4), vm.NewTable(0, 8), vm.NewTable(0, 16)
	if t.IsNil() || meta.IsNil() || methods.IsNil() ||
		!vm.SetField(meta, "__index", methods) || !vm.SetField(meta, "__metatable", vm.NewStringS("buffer")) {
		return c.MemoryError()
	}
	setFuncs(vm, t, strbufFuncs, meta)
	setFuncs(vm, methods, strbufMethods, meta)
	setFuncs(vm, meta, strbufMeta, meta)
	return c.Return1(t)
}

// strbufNeedsFFI registers a method that deals in C pointers.
func strbufNeedsFFI(name string) lua.BuiltinID {
	return lua.Register(name, func(c *lua.Call) lua.Ret {
		if _, ok := checkStrbuf(c, 1); !ok {
			return lua.Fail
		}
		return c.Errorf("'%s' of a buffer needs ffi, which is not available", name)
	})
}

// strbufOf returns the buffer that v is, or nil.
func strbufOf(c *lua.Call, v lua.Value) *strbuf {
	vm := c.VM()
	b := vm.UserdataBytes(v)
	if len(b) != strbufSize || vm.Metatable(v) != c.Upvalue(1) {
		return nil
	}
	if s := (*strbuf)(unsafe.Pointer(unsafe.SliceData(b))); s.magic == strbufMagic {
		return s
	}
	return nil
}

// checkStrbuf returns argument i, which must be a buffer.
func checkStrbuf(c *lua.Call, i int) (*strbuf, bool) {
	if s := strbufOf(c, c.Arg(i)); s != nil {
		return s, true
	}
	c.TypeError(i, "buffer")
	return nil, false
}

// text is the memory of the buffer v, whose head is s; the head is made to fit.
func (s *strbuf) text(vm *lua.VM, v lua.Value) []byte {
	b := vm.UserdataBytes(vm.RawGetInt(vm.Env(v), strbufText))
	s.to = min(s.to, uint32(len(b)))
	s.from = min(s.from, s.to)
	return b
}

// content views what the buffer v holds, until it changes.
func (s *strbuf) content(vm *lua.VM, v lua.Value) []byte {
	return s.text(vm, v)[s.from:s.to]
}

// drop takes the first n bytes of the content away.
func (s *strbuf) drop(n int) {
	if s.from += uint32(n); s.from == s.to {
		s.from, s.to = 0, 0
	}
}

// append adds b to the buffer v; false after an error. b may lie in v itself.
func (s *strbuf) append(c *lua.Call, v lua.Value, b []byte) bool {
	if len(b) >= 512 && !c.Charge(len(b)>>2) {
		return false
	}
	if !s.room(c, v, len(b)) {
		return false
	}
	s.to += uint32(copy(s.text(c.VM(), v)[s.to:], b))
	return true
}

// room makes sure that n bytes can be added to the buffer v.
func (s *strbuf) room(c *lua.Call, v lua.Value, n int) bool {
	vm := c.VM()
	b := s.text(vm, v)
	if len(b)-int(s.to) >= n {
		return true
	}
	old := b[s.from:s.to]
	size := max(strbufMin, len(old)+n, 2*len(old))
	if !c.CheckSize(size) || !c.Charge(len(old)>>2) {
		return false
	}
	text := vm.NewUserdata(size, lua.Nil)
	if text.IsNil() || !vm.RawSetInt(vm.Env(v), strbufText, text) {
		c.MemoryError()
		return false
	}
	// The old memory stays as it is until it is collected, should the new text come from there.
	s.from, s.to = 0, uint32(copy(vm.UserdataBytes(text), old))
	return true
}

func strbufNew(c *lua.Call) lua.Ret {
	size, opt := 0, 1
	if c.NArgs() > 0 && !c.Arg(1).IsTable() {
		opt = 2
		if !c.Arg(1).IsNil() {
			var ok bool
			if size, ok = checkRange(c, 1); !ok {
				return lua.Fail
			}
		}
	}
	vm := c.VM()
	env := vm.NewTable(strbufFields, 0)
	if env.IsNil() {
		return c.MemoryError()
	}
	if !c.IsNone(opt) {
		t, ok := c.CheckTable(opt)
		if !ok || !strbufOptions(c, env, t) {
			return lua.Fail
		}
	}
	v := vm.NewUserdata(strbufSize, c.Upvalue(1))
	if v.IsNil() {
		return c.MemoryError()
	}
	vm.SetEnv(v, env)
	s := (*strbuf)(unsafe.Pointer(unsafe.SliceData(vm.UserdataBytes(v))))
	s.magic = strbufMagic
	if !s.room(c, v, size) {
		return lua.Fail
	}
	return c.Return1(v)
}

// checkRange returns argument i, a size: a number, no string that looks like one.
func checkRange(c *lua.Call, i int) (int, bool) {
	if !c.Arg(i).IsNumber() {
		c.TypeError(i, "number")
		return 0, false
	}
	n := toInt32(c.Arg(i).Float())
	if n < 0 || n > strbufMax {
		c.ArgError(i, "number out of range")
		return 0, false
	}
	return n, true
}

// strbufOptions notes the options dict and metatable in a buffer's
// environment: each list, and a table that tells the place of its items.
func strbufOptions(c *lua.Call, env, options lua.Value) bool {
	vm := c.VM()
	for i, name := range [...]string{"dict", "metatable"} {
		list := vm.Field(options, name)
		if !list.IsTable() {
			continue
		}
		n := vm.RawLen(list)
		if !c.Charge(20 * n) {
			return false
		}
		index := vm.NewTable(0, n)
		if index.IsNil() {
			c.MemoryError()
			return false
		}
		for k := 1; k <= n; k++ {
			v := vm.RawGetInt(list, k)
			switch {
			case i == 0 && v.IsString() || i == 1 && v.IsTable():
				if vm.RawGet(index, v).IsNil() && !vm.RawSet(index, v, lua.Int(k-1)) {
					c.MemoryError()
					return false
				}
			case v != lua.False:
				c.Errorf("bad options table")
				return false
			}
		}
		if !vm.RawSetInt(env, strbufStrings+2*i, list) || !vm.RawSetInt(env, strbufStringIndex+2*i, index) {
			c.MemoryError()
			return false
		}
	}
	return true
}

func strbufPut(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	vm, self := c.VM(), c.Arg(1)
	for i := 2; i <= c.NArgs(); i++ {
		v := c.Arg(i)
		switch {
		case v.IsString():
			ok = s.append(c, self, vm.Bytes(v))
		case v.IsNumber():
			var buf [32]byte
			ok = s.append(c, self, number.Append(buf[:0], v.Float()))
		default:
			if other := strbufOf(c, v); other == s {
				return c.ArgError(i, "cannot put buffer into itself")
			} else if other != nil {
				ok = s.append(c, self, other.content(vm, v))
				break
			}
			if c.Metafield(v, "__tostring").IsNil() {
				return c.TypeError(i, "string/number/__tostring")
			}
			var text lua.Value
			if text, ok = c.ToString(v); !ok {
				return lua.Fail
			}
			// Objects don't move, but another coroutine may have been at this buffer: s holds.
			if !text.IsString() && !text.IsNumber() {
				return c.TypeError(i, "string/number/__tostring")
			}
			var buf [32]byte
			ok = s.append(c, self, vm.AppendText(buf[:0], text))
		}
		if !ok {
			return lua.Fail
		}
	}
	return c.Return1(self)
}

func strbufPutf(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	for i := 3; i <= c.NArgs(); i++ {
		if strbufOf(c, c.Arg(i)) == s {
			return c.ArgError(i, "cannot put buffer into itself")
		}
	}
	w := newBuffer(c)
	ok = w.addFormat(2) && w.settle()
	// What stands before a faulty item is put all the same.
	if !s.append(c, c.Arg(1), w.b) || !ok {
		return w.fail()
	}
	w.release()
	return c.Return1(c.Arg(1))
}

func strbufSet(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	if !c.Arg(2).IsString() {
		return c.TypeError(2, "string")
	}
	s.from, s.to = 0, 0
	if !s.append(c, c.Arg(1), c.VM().Bytes(c.Arg(2))) {
		return lua.Fail
	}
	return c.Return1(c.Arg(1))
}

func strbufGet(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	take := func(n int) bool {
		b := s.content(c.VM(), c.Arg(1))
		b = b[:min(n, len(b))]
		if len(b) >= 512 && !c.Charge(len(b)>>2) || !c.PushString(b) {
			return false
		}
		s.drop(len(b))
		return true
	}
	if c.NArgs() == 1 && !take(strbufMax) {
		return lua.Fail
	}
	for i := 2; i <= c.NArgs(); i++ {
		n := strbufMax
		if !c.Arg(i).IsNil() {
			if n, ok = checkRange(c, i); !ok {
				return lua.Fail
			}
		}
		if !take(n) {
			return lua.Fail
		}
	}
	return c.Pushed()
}

func strbufSkip(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	n, ok := checkRange(c, 2)
	if !ok {
		return lua.Fail
	}
	s.drop(min(n, len(s.content(c.VM(), c.Arg(1)))))
	return c.Return1(c.Arg(1))
}

func strbufReset(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	s.from, s.to = 0, 0
	return c.Return1(c.Arg(1))
}

func strbufFree(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	s.from, s.to = 0, 0
	c.VM().RawSet(c.VM().Env(c.Arg(1)), lua.Int(strbufText), lua.Nil)
	return c.Return1(c.Arg(1))
}

func strbufTostring(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	b := s.content(c.VM(), c.Arg(1))
	if len(b) >= 512 && !c.Charge(len(b)>>2) {
		return lua.Fail
	}
	return c.ReturnString(b)
}

func strbufLen(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	return c.ReturnInt(len(s.content(c.VM(), c.Arg(1))))
}

// strbufConcat is a .. b, where one of the two is a buffer.
func strbufConcat(c *lua.Call) lua.Ret {
	w := newBuffer(c)
	for i := 1; i <= 2; i++ {
		v := c.Arg(i)
		if s := strbufOf(c, v); s != nil {
			if !w.add(s.content(c.VM(), v)) {
				return w.fail()
			}
			continue
		}
		ok, added := w.addValue(v)
		if !ok {
			w.release()
			return c.Errorf("attempt to concatenate a %s value", c.VM().TypeName(v))
		}
		if !added {
			return w.fail()
		}
	}
	return w.result()
}
