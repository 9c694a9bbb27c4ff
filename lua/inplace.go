package lua

import (
	"unsafe"

	"moonring/lua/number"
)

// inPlace does what the builtin in does for the n arguments at args, if they are
// of the kinds that it mostly gets, without what a builtin's call takes. The
// results are left where a builtin's are, from args-2 on, and their number is
// returned; it is negative, and nothing has happened, if the builtin itself is
// to be called.
func (vm *VM) inPlace(in Inline, args unsafe.Pointer, n int) int {
	if n == 0 {
		return -1
	}
	v := *slot(args, 0)
	res := (*Value)(unsafe.Add(args, -16))
	switch in {
	case InlineTostring:
		if v.isString() {
			*res = v
			return 1
		}
		if v.isNumber() && vm.root.tmMeta[TypeNumber] == 0 && vm.debt() <= 0 {
			return vm.oneString(res, number.Append(vm.scratch[:0], v.float()))
		}
	case InlineTonumber:
		if n == 1 {
			*res = Nil
			if f, ok := vm.toNumber(v); ok {
				*res = Number(f)
			}
			return 1
		}
	case InlineAssert:
		if v.Truthy() {
			for i := range n {
				*slot(args, i-2) = *slot(args, i)
			}
			return n
		}
	case InlineRawequal:
		if n >= 2 {
			*res = Bool(vm.rawEqual(v, *slot(args, 1)))
			return 1
		}
	case InlineRawget:
		if n >= 2 && v.isTable() {
			*res = vm.tget(v.ref(), *slot(args, 1))
			return 1
		}
	case InlineNext:
		if !v.isTable() {
			break
		}
		k := Nil
		if n > 1 {
			k = *slot(args, 1)
		}
		nk, nv, ok := vm.tnext(v.ref(), k)
		if !ok {
			break
		}
		*res = nk
		if nk == Nil {
			return 1
		}
		*slot(args, -1) = nv
		return 2
	case InlinePairs:
		if v.isTable() && (!vm.compat52 || vm.table(v.ref()).meta == 0) {
			*res, *slot(args, -1), *slot(args, 0) = vm.Pinned(vm.fns.next), v, Nil
			return 3
		}
	case InlineIpairs:
		if v.isTable() && (!vm.compat52 || vm.table(v.ref()).meta == 0) {
			*res, *slot(args, -1), *slot(args, 0) = vm.Pinned(vm.fns.ipairs), v, 0
			return 3
		}
	case InlineGetmetatable:
		meta := vm.metatableOf(v)
		if meta == 0 {
			*res = Nil
		} else if *res = vm.metamethod(meta, mmMetatable); *res == Nil {
			*res = tableBits | Value(meta)
		}
		return 1
	case InlineSetmetatable:
		if m := *slot(args, 1); n >= 2 && v.isTable() && m.isTable() && vm.metamethod(vm.table(v.ref()).meta, mmMetatable) == Nil {
			vm.SetMetatable(v, m)
			*res = v
			return 1
		}
	case InlineSelect:
		if v.isNumber() {
			i := int(int32(int64(v.float())))
			if float64(i) != v.float() || i == 0 || i < -n+1 {
				break
			}
			if i < 0 {
				i += n
			}
			i = min(i, n)
			for k := i; k < n; k++ {
				*slot(args, k-i-2) = *slot(args, k)
			}
			return n - i
		}
		if v == vm.strHash {
			*res = Int(n - 1)
			return 1
		}
	case InlineUnpack:
		if n != 1 || !v.isTable() {
			break
		}
		if n := int(vm.tlen(v.ref())); n <= inPlaceMax {
			for i := range n {
				*slot(args, i-2) = vm.tgetInt(v.ref(), int64(i)+1)
			}
			return n
		}
	case InlineInsert:
		if n == 2 && v.isTable() {
			if p := vm.tsetInt(v.ref(), int64(vm.tlen(v.ref()))+1); p != nil {
				*p = *slot(args, 1)
				return 0
			}
		}
	case InlineByte:
		if n != 3 || !v.isString() {
			break
		}
		i, ok := slot(args, 1).index()
		j, ok2 := slot(args, 2).index()
		if s := vm.strBytes(v.ref()); ok && ok2 && i > 0 && j >= i && j <= len(s) && j-i < inPlaceMax {
			for k, b := range s[i-1 : j] {
				*slot(args, k-2) = Int(int(b))
			}
			return j - i + 1
		}
	case InlineChar:
		if n > inPlaceMax {
			break
		}
		for i := range n {
			c := slot(args, i).float()
			b := byte(int64(c))
			if float64(b) != c {
				return -1
			}
			vm.scratch[i] = b
		}
		if vm.debt() <= 0 {
			return vm.oneString(res, vm.scratch[:n])
		}
	case InlineSub:
		if n < 2 || !v.isString() {
			break
		}
		i, ok := slot(args, 1).index()
		j := -1
		if n > 2 {
			var ok2 bool
			j, ok2 = slot(args, 2).index()
			ok = ok && ok2
		}
		s := vm.strBytes(v.ref())
		if j < 0 {
			j += len(s) + 1
		}
		if i < 0 {
			i += len(s) + 1
		}
		i, j = max(i, 1), min(j, len(s))
		if !ok || i > j || j-i > 256 || vm.debt() > 0 {
			break
		}
		return vm.oneString(res, s[i-1:j])
	case InlineLower:
		return vm.otherCase(res, v, 'A')
	case InlineUpper:
		return vm.otherCase(res, v, 'a')
	}
	return -1
}

// inPlaceMax is how many results a builtin in place has at most, but for those that are its arguments: behind the
// stack's end there is room for as many.
const inPlaceMax = 16

// index returns what v is as a whole number of int32's range; ok is false for
// all else, numbers with a fraction included.
func (v Value) index() (i int, ok bool) {
	i = int(int32(int64(v.float())))
	return i, float64(i) == v.float()
}

// oneString is for inPlace: the one result is the string b.
func (vm *VM) oneString(res *Value, b []byte) int {
	r := vm.intern(b)
	if r == 0 {
		return -1
	}
	*res = stringBits | Value(r)
	return 1
}

// otherCase is for inPlace: the result is v with the case of the 26 letters
// from first on switched.
func (vm *VM) otherCase(res *Value, v Value, first byte) int {
	if !v.isString() {
		return -1
	}
	s := vm.strBytes(v.ref())
	if len(s) > len(vm.scratch) || vm.debt() > 0 {
		return -1
	}
	changed := byte(0)
	for i, c := range s {
		flip := byte(0)
		if c-first < 26 {
			flip = 0x20
		}
		vm.scratch[i] = c ^ flip
		changed |= flip
	}
	if changed == 0 {
		*res = v
		return 1
	}
	return vm.oneString(res, vm.scratch[:len(s)])
}
