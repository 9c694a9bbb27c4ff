package lua

import (
	"strconv"

	"moonring/lua/number"
)

// Operations with metamethods for builtins: they run to their end before the
// builtin goes on.

// first calls f and returns its first result.
func (c *Call) first(f Value, args ...Value) (Value, bool) {
	if !c.vm.callNested(c, f, args) {
		return Nil, false
	}
	return c.Result(1), true
}

func (vm *VM) indexNested(c *Call, o, k Value) (Value, bool) {
	vm.root.errValue = Nil
	v, o2, how := vm.index(o, k)
	switch how {
	case lookupDone:
		return v, true
	case lookupCall:
		return c.first(v, o2, k)
	}
	if vm.root.errValue == Nil {
		c.ThrowString("attempt to index a " + vm.TypeName(v) + " value")
	}
	return Nil, false
}

func (vm *VM) setIndexNested(c *Call, o, k, v Value) bool {
	for range indexChainMax {
		var mm Value
		if o.isTable() {
			r := o.ref()
			if vm.table(r).meta != 0 && vm.tget(r, k) == Nil {
				mm = vm.metamethod(vm.table(r).meta, mmNewindex)
			} else {
				mm = Nil
			}
			if mm == Nil {
				switch {
				case k == Nil:
					c.ThrowString("table index is nil")
				case k == nanBits:
					c.ThrowString("table index is NaN")
				case vm.RawSet(o, k, v):
					return true
				default:
					c.memoryError()
				}
				return false
			}
		} else if mm = vm.metamethod(vm.metatableOf(o), mmNewindex); mm == Nil {
			c.ThrowString("attempt to index a " + vm.TypeName(o) + " value")
			return false
		}
		if mm.isFunction() {
			return vm.callNested(c, mm, []Value{o, k, v})
		}
		o = mm
	}
	c.ThrowString("loop in settable")
	return false
}

func (vm *VM) lessNested(c *Call, x, y Value) (bool, bool) {
	if x.isNumber() && y.isNumber() {
		return x.float() < y.float(), true
	}
	if x.isString() && y.isString() {
		return vm.compareStrings(x, y) < 0, true
	}
	f := vm.comparer(mmLT, x, y)
	if f == Nil {
		c.ThrowString(vm.compareText(x, y))
		return false, false
	}
	v, ok := c.first(f, x, y)
	return v.Truthy(), ok
}

// tostringNested is tostring(v).
func (vm *VM) tostringNested(c *Call, v Value) (Value, bool) {
	if v.isString() {
		return v, true
	}
	if meta := vm.metatableOf(v); meta != 0 {
		if f := vm.metamethod(meta, mmTostring); f != Nil {
			s, ok := c.first(f, v)
			if !ok {
				return Nil, false
			}
			return s, true
		}
	}
	r := vm.intern(vm.appendText(vm.buf[:0], v))
	if r == 0 {
		c.memoryError()
		return Nil, false
	}
	return stringBits | Value(r), true
}

// appendText appends what tostring gives for v without metamethods.
func (vm *VM) appendText(b []byte, v Value) []byte {
	switch vm.TypeOf(v) {
	case TypeNil:
		return append(b, "nil"...)
	case TypeBoolean:
		if v == True {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case TypeNumber:
		return number.Append(b, v.float())
	case TypeString:
		return append(b, vm.strBytes(v.ref())...)
	case TypeLightUserdata:
		if v == Null {
			return append(b, "userdata: NULL"...)
		}
		return appendAddress(append(b, "userdata: "...), v.Payload())
	case TypeFunction:
		if id := vm.BuiltinOf(v); id != 0 {
			return strconv.AppendInt(append(b, "function: builtin#"...), int64(id), 10)
		}
	}
	b = append(append(b, vm.TypeName(v)...), ": "...)
	return appendAddress(b, uint64(v.ref())<<3)
}

// appendAddress appends an object's place in the arena as LuaJIT prints
// addresses: 0x and eight digits or more. It reveals no address of the process.
func appendAddress(b []byte, a uint64) []byte {
	const digits = "0123456789abcdef"
	b = append(b, "0x"...)
	n := 8
	for n < 16 && a>>(4*n) != 0 {
		n++
	}
	for n--; n >= 0; n-- {
		b = append(b, digits[a>>(4*n)&15])
	}
	return b
}

// text is appendText as a Go string.
func (vm *VM) text(v Value) string { return string(vm.appendText(nil, v)) }

// hostToString is tostring for the host: only a __tostring that does not fail
// counts.
func (vm *VM) hostToString(v Value) (string, bool) {
	f := vm.metamethod(vm.metatableOf(v), mmTostring)
	if f == Nil {
		return "", false
	}
	pin := vm.Pin(v)
	if pin == 0 {
		return "", false
	}
	res, err := vm.Call(f, v)
	vm.root.errValue = v // Err goes on to return it
	vm.Unpin(pin)
	if err != nil || len(res) == 0 || !res[0].isString() {
		return "", false
	}
	return vm.text(res[0]), true
}

// Metafield returns the field name of v's metatable, or Nil.
func (vm *VM) Metafield(v Value, name string) Value {
	meta := vm.metatableOf(v)
	if meta == 0 {
		return Nil
	}
	return vm.Field(tableBits|Value(meta), name)
}

// Metatable returns v's metatable, or Nil.
func (vm *VM) Metatable(v Value) Value {
	if meta := vm.metatableOf(v); meta != 0 {
		return tableBits | Value(meta)
	}
	return Nil
}

// SetTypeMetatable sets the metatable that all values of a basic type share.
func (vm *VM) SetTypeMetatable(t Type, meta Value) {
	r := ref(0)
	if meta.isTable() {
		r = meta.ref()
	}
	if t == TypeString {
		vm.root.strMeta = r
	}
	vm.root.tmMeta[t] = r
}

// runFinalizers calls __gc of the userdata that the collector found dead. What
// errors it raises are lost, but for one that can't be caught: then it returns
// false.
func (vm *VM) runFinalizers() bool {
	if vm.finalizing {
		return true
	}
	vm.finalizing = true
	for len(vm.finalize) > 0 {
		u := vm.finalize[len(vm.finalize)-1]
		vm.finalize = vm.finalize[:len(vm.finalize)-1]
		v := objectBits | Value(u)
		f := vm.metamethod(vm.userdata(u).meta, mmGC)
		if !f.isFunction() {
			continue
		}
		handled, nres := vm.handled, vm.nresults
		vm.handled = false
		vm.nestedAbove(linkFinalizer, f, v)
		vm.handled, vm.nresults, vm.aborting = handled, nres, false
		if vm.fatal {
			vm.finalizing = false
			return false
		}
	}
	vm.finalizing = false
	return true
}

// Finalize calls __gc of all userdata, as at a program's end. For the host,
// between runs.
func (vm *VM) Finalize() {
	vm.beginRun()
	vm.finalizeAll()
	vm.runFinalizers()
	vm.fatal = false
}

// Error is a Lua error as Go sees it.
type Error struct {
	Value     Value
	Msg       string
	Traceback string
}

func (e *Error) Error() string { return e.Msg }
