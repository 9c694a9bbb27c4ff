package api

import (
	"sync"

	"moonring/lua"
	luanumber "moonring/lua/number"
)

// scratch is memory to build a string in before it is interned. A builtin takes one and gives it back before it
// returns; those of nested calls are different ones.
type scratch struct{ b []byte }

// scratchKeep is the capacity above which a scratch is left to Go's collector.
const scratchKeep = 1 << 20

var scratches = sync.Pool{New: func() any { return &scratch{b: make([]byte, 0, 512)} }}

// take returns an empty scratch with room for n bytes.
func take(n int) *scratch {
	s := scratches.Get().(*scratch)
	if cap(s.b) < n {
		s.b = make([]byte, 0, n)
	}
	s.b = s.b[:0]
	return s
}

func (s *scratch) release() {
	if cap(s.b) <= scratchKeep {
		scratches.Put(s)
	}
}

// result ends the builtin with the string that was built.
func (s *scratch) result(c *lua.Call) lua.Ret {
	ret := c.ReturnString(s.b)
	s.release()
	return ret
}

// text is argument i as lua-resty-core's functions of strings take it: nil and false are empty, anything else goes
// through tostring. ok is false after an error.
func text(c *lua.Call, i int) (b []byte, ok bool) {
	v := c.Arg(i)
	if v.IsString() {
		return c.VM().Bytes(v), true
	}
	if !v.Truthy() {
		return nil, true
	}
	if v, ok = tostring(c, v); !ok {
		return nil, false
	}
	return c.VM().Bytes(v), true
}

// tostring is Lua's tostring for where a string is needed; ok is false after an error.
func tostring(c *lua.Call, v lua.Value) (lua.Value, bool) {
	if v.IsString() {
		return v, true
	}
	s, ok := c.ToString(v)
	if !ok {
		return lua.Nil, false
	}
	if s.IsNumber() {
		var digits [32]byte
		if s = c.VM().NewString(appendNumber(digits[:0], s.Float())); s.IsNil() {
			c.MemoryError()
			return lua.Nil, false
		}
	}
	if !s.IsString() {
		c.Errorf("'tostring' must return a string")
		return lua.Nil, false
	}
	return s, true
}

// makeStrings replaces the first n values of a list by what tostring makes of them; it returns false after an error.
func makeStrings(c *lua.Call, list lua.Value, n int) bool {
	vm := c.VM()
	for i := 1; i <= n; i++ {
		v := vm.RawGetInt(list, i)
		if v.IsString() {
			continue
		}
		s, ok := tostring(c, v)
		if !ok {
			return false
		}
		if !vm.RawSetInt(list, i, s) {
			c.MemoryError()
			return false
		}
	}
	return true
}

// appendNumber writes f as tostring does.
func appendNumber(b []byte, f float64) []byte { return luanumber.Append(b, f) }

func numberText(f float64) string { return string(appendNumber(nil, f)) }
