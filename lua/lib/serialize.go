package lib

import (
	"encoding/binary"
	"math"

	"moonring/lua"
)

// LuaJIT's serialization of Lua values, as string.buffer has it: a tag, a
// number of one, two or five bytes, and what it announces.
const (
	tagNil = iota
	tagFalse
	tagTrue
	tagNull // light userdata
	tagLight32
	tagLight64
	tagInt
	tagNumber
	tagTable        // + 1: entries; + 2: items from 0 on, or + 4: from 1 on
	tagMeta    = 14 // index of a metatable, then the table
	tagKey     = 15 // index of a string that is a key
	tagInt64   = 16
	tagUint64  = 17
	tagComplex = 18
	tagString  = 32 // + length
)

const (
	serialDepth     = 100       // LJ_SERIALIZE_DEPTH
	tableItemsMax   = 1<<27 + 1 // LJ_MAX_ASIZE
	tableEntriesMax = 1 << 26   // LJ_MAX_HBITS
)

// minusNaN is the NaN that x86 computes and LuaJIT so writes.
const minusNaN = 0xFFF8 << 48

// serializer writes values.
type serializer struct {
	buffer
	strings, metas lua.Value // indexes of a buffer's options, Nil without
}

// number adds n as LuaJIT does: in one, two or five bytes.
func (s *serializer) number(n int) bool {
	switch {
	case n < 0xE0:
		return s.addByte(byte(n))
	case n < 0x1FE0:
		n -= 0xE0
		return s.addByte(0xE0|byte(n>>8)) && s.addByte(byte(n))
	}
	return s.tagged32(0xFF, uint32(n))
}

// tagged32 adds a tag and four bytes.
func (s *serializer) tagged32(tag byte, bits uint32) bool {
	b := s.reserve(5)
	if b == nil {
		return false
	}
	b[0] = tag
	binary.LittleEndian.PutUint32(b[1:], bits)
	return true
}

// tagged adds a tag and eight bytes.
func (s *serializer) tagged(tag byte, bits uint64) bool {
	b := s.reserve(9)
	if b == nil {
		return false
	}
	b[0] = tag
	binary.LittleEndian.PutUint64(b[1:], bits)
	return true
}

// index adds tag and the index that table knows for v, if it does.
func (s *serializer) index(tag byte, table, v lua.Value) (known, ok bool) {
	if !table.IsTable() {
		return false, true
	}
	i := s.c.VM().RawGet(table, v)
	if !i.IsNumber() {
		return false, true
	}
	return true, s.addByte(tag) && s.number(int(int32(int64(i.Float()))&math.MaxInt32))
}

// value adds v; depth is how many more tables may lie in each other.
func (s *serializer) value(v lua.Value, depth int) bool {
	vm := s.c.VM()
	s.cost++
	switch {
	case v.IsString():
		b := vm.Bytes(v)
		return s.number(tagString+len(b)) && s.add(b)
	case v.IsNumber():
		bits := math.Float64bits(v.Float())
		if v.Float() != v.Float() {
			bits = minusNaN
		}
		return s.tagged(tagNumber, bits)
	case v.IsNil():
		return s.addByte(tagNil)
	case v == lua.False:
		return s.addByte(tagFalse)
	case v == lua.True:
		return s.addByte(tagTrue)
	case v == lua.Null:
		return s.addByte(tagNull)
	case v.IsTable():
		return s.table(v, depth)
	case v.IsLight():
		if p := v.Payload(); p>>32 != 0 {
			return s.tagged(tagLight64, p)
		}
		return s.tagged32(tagLight32, uint32(v.Payload()))
	}
	s.c.Errorf("cannot serialize '%s'", vm.TypeName(v))
	return false
}

func (s *serializer) table(t lua.Value, depth int) bool {
	vm := s.c.VM()
	if depth == 0 {
		s.c.Errorf("too deep to serialize")
		return false
	}
	if meta := vm.Metatable(t); !meta.IsNil() {
		if _, ok := s.index(tagMeta, s.metas, meta); !ok {
			return false
		}
	}
	array := vm.Array(t)
	behind := len(array) // position of the first entry of the hash part
	for len(array) > 0 && array[len(array)-1].IsNil() {
		array = array[:len(array)-1]
	}
	entries := 0
	for pos, _, _ := vm.Entry(t, behind); pos != 0; pos, _, _ = vm.Entry(t, pos) {
		entries++
	}
	tag, first := byte(tagTable), 0
	if entries > 0 {
		tag++
	}
	if len(array) > 0 {
		if tag += 2; array[0].IsNil() {
			tag += 2
			first = 1
		}
	}
	if !s.addByte(tag) || len(array) > 0 && !s.number(len(array)) || entries > 0 && !s.number(entries) {
		return false
	}
	for _, v := range array[min(first, len(array)):] {
		if !s.value(v, depth-1) {
			return false
		}
	}
	for pos, k, v := vm.Entry(t, behind); pos != 0; pos, k, v = vm.Entry(t, pos) {
		known := false
		if k.IsString() {
			var ok bool
			if known, ok = s.index(tagKey, s.strings, k); !ok {
				return false
			}
		}
		if !known && !s.value(k, depth-1) || !s.value(v, depth-1) {
			return false
		}
	}
	return true
}

// serialEncode is buffer.encode(v).
func serialEncode(c *lua.Call) lua.Ret {
	if !c.CheckAny(1) {
		return lua.Fail
	}
	s := serializer{buffer: newBuffer(c), strings: lua.Nil, metas: lua.Nil}
	if !s.value(c.Arg(1), serialDepth) {
		return s.fail()
	}
	return s.result()
}

// strbufEncode is buf:encode(v).
func strbufEncode(c *lua.Call) lua.Ret {
	b, ok := checkStrbuf(c, 1)
	if !ok || !c.CheckAny(2) {
		return lua.Fail
	}
	vm := c.VM()
	env := vm.Env(c.Arg(1))
	s := serializer{
		buffer:  newBuffer(c),
		strings: vm.RawGetInt(env, strbufStringIndex),
		metas:   vm.RawGetInt(env, strbufMetaIndex),
	}
	if !s.value(c.Arg(2), serialDepth) || !s.settle() || !b.append(c, c.Arg(1), s.b) {
		return s.fail()
	}
	s.release()
	return c.Return1(c.Arg(1))
}

// deserializer reads values. It makes tables for what is there only, however
// much is announced.
type deserializer struct {
	c              *lua.Call
	b              []byte
	strings, metas lua.Value // lists of a buffer's options, Nil without
}

// fail raises an error.
func (d *deserializer) fail(format string, args ...any) (lua.Value, bool) {
	d.c.Errorf(format, args...)
	return lua.Nil, false
}

func (d *deserializer) short() (lua.Value, bool) { return d.fail("unexpected end of buffer") }

// take returns the next n bytes, or nil.
func (d *deserializer) take(n int) []byte {
	if n > len(d.b) {
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

// number reads what serializer.number writes, -1 at the end.
func (d *deserializer) number() int {
	b := d.take(1)
	switch {
	case b == nil:
		return -1
	case b[0] < 0xE0:
		return int(b[0])
	case b[0] != 0xFF:
		low := d.take(1)
		if low == nil {
			return -1
		}
		return int(b[0]&0x1F)<<8 + int(low[0]) + 0xE0
	}
	if b = d.take(4); b == nil {
		return -1
	}
	return int(binary.LittleEndian.Uint32(b))
}

func (d *deserializer) value(depth int) (lua.Value, bool) {
	vm := d.c.VM()
	tag := d.number()
	switch {
	case tag < 0:
		return d.short()
	case tag >= tagString:
		b := d.take(tag - tagString)
		if b == nil {
			return d.short()
		}
		v := vm.NewString(b)
		if v.IsNil() {
			d.c.MemoryError()
			return v, false
		}
		return v, true
	case tag >= tagTable && tag <= tagMeta:
		return d.table(tag, depth)
	}
	switch tag {
	case tagNil:
		return lua.Nil, true
	case tagFalse:
		return lua.False, true
	case tagTrue:
		return lua.True, true
	case tagNull:
		return lua.Null, true
	case tagInt, tagLight32:
		b := d.take(4)
		if b == nil {
			return d.short()
		}
		n := binary.LittleEndian.Uint32(b)
		if tag == tagInt {
			return lua.Int(int(int32(n))), true
		}
		return lua.Light(uint64(n)), true
	case tagNumber, tagLight64, tagInt64, tagUint64:
		b := d.take(8)
		if b == nil {
			return d.short()
		}
		bits := binary.LittleEndian.Uint64(b)
		if tag == tagNumber {
			return lua.Number(math.Float64frombits(bits)), true
		}
		if v := lua.Light(bits); tag == tagLight64 && v.Payload() == bits {
			return v, true
		}
		return d.fail("cannot deserialize tag 0x%02x: there are no 64-bit values without ffi", tag)
	case tagComplex:
		return d.fail("cannot deserialize tag 0x%02x: there are no complex numbers without ffi", tag)
	case tagKey:
		i := d.number()
		if i < 0 {
			return d.short()
		}
		if v := d.item(d.strings, i); v.IsString() {
			return v, true
		}
		return d.fail("cannot deserialize dictionary index %d", i+1)
	}
	return d.fail("cannot deserialize tag 0x%02x", tag)
}

// item is item i, from 0, of a list that may be Nil.
func (d *deserializer) item(list lua.Value, i int) lua.Value {
	if !list.IsTable() {
		return lua.Nil
	}
	return d.c.VM().RawGetInt(list, i+1)
}

func (d *deserializer) table(tag, depth int) (lua.Value, bool) {
	vm := d.c.VM()
	if depth == 0 {
		return d.fail("too deep to serialize")
	}
	meta := lua.Nil
	if tag == tagMeta {
		i := d.number()
		if i < 0 {
			return d.short()
		}
		if meta = d.item(d.metas, i); !meta.IsTable() {
			return d.fail("cannot deserialize dictionary index %d", i+1)
		}
		if tag = d.number(); tag < 0 {
			return d.short()
		}
		if tag < tagTable || tag >= tagMeta {
			return d.fail("cannot deserialize tag 0x%02x", tag)
		}
	}
	items, entries, first := 0, 0, 0
	if tag >= tagTable+2 {
		items = d.number()
	}
	if tag&1 != 0 && items >= 0 {
		entries = d.number()
	}
	if tag >= tagTable+4 {
		first = 1
	}
	if items > tableItemsMax || entries > tableEntriesMax {
		return d.fail("table overflow")
	}
	if items < 0 || entries < 0 {
		return d.short()
	}
	// Where more is announced than there are bytes for, reading comes to the end, or to an earlier fault.
	t := vm.NewTable(min(max(items-1, 0), len(d.b)), min(entries, len(d.b)/2))
	if t.IsNil() {
		d.c.MemoryError()
		return t, false
	}
	vm.SetMetatable(t, meta)
	for i := first; i < items; i++ {
		v, ok := d.value(depth - 1)
		if !ok {
			return v, false
		}
		if !v.IsNil() && !vm.RawSetInt(t, i, v) {
			d.c.MemoryError()
			return v, false
		}
	}
	for range entries {
		k, ok := d.value(depth - 1)
		switch {
		case !ok:
			return k, false
		case k.IsNil():
			return d.fail("table index is nil")
		case k.IsNumber() && k.Float() != k.Float():
			return d.fail("table index is NaN")
		case !vm.RawGet(t, k).IsNil():
			return d.fail("duplicate table key")
		}
		v, ok := d.value(depth - 1)
		if !ok {
			return v, false
		}
		if !vm.RawSet(t, k, v) {
			d.c.MemoryError()
			return v, false
		}
	}
	return t, true
}

// serialDecode is buffer.decode(s).
func serialDecode(c *lua.Call) lua.Ret {
	if !c.Arg(1).IsString() {
		return c.TypeError(1, "string")
	}
	b := c.VM().Bytes(c.Arg(1))
	if !c.Charge(20 * len(b)) {
		return lua.Fail
	}
	d := deserializer{c: c, b: b, strings: lua.Nil, metas: lua.Nil}
	v, ok := d.value(serialDepth)
	switch {
	case !ok:
		return lua.Fail
	case len(d.b) > 0:
		return c.Errorf("left-over data in buffer")
	}
	return c.Return1(v)
}

// strbufDecode is buf:decode(): the next value of several.
func strbufDecode(c *lua.Call) lua.Ret {
	s, ok := checkStrbuf(c, 1)
	if !ok {
		return lua.Fail
	}
	vm := c.VM()
	env, b := vm.Env(c.Arg(1)), s.content(vm, c.Arg(1))
	d := deserializer{c: c, b: b, strings: vm.RawGetInt(env, strbufStrings), metas: vm.RawGetInt(env, strbufMetas)}
	v, ok := d.value(serialDepth)
	if !ok || !c.Charge(20*(len(b)-len(d.b))) {
		return lua.Fail
	}
	s.drop(len(b) - len(d.b))
	return c.Return1(v)
}
