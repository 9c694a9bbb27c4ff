package lua

import (
	"bytes"
	"math"
	"unsafe"

	. "moonring/lua/bytecode" //nolint:revive // as in run.go
	"moonring/lua/libm"
	"moonring/lua/number"
)

// slow does one instruction, the one in front of vm.pc, in full generality:
// what run's common path leaves. It leaves the registers at where to go on.
func (vm *VM) slow() exit {
	pc, base := vm.pc, vm.base
	op := baseOp(opOf(pc))
	if op == opPatched {
		if x, do := vm.reached(); !do {
			return x
		}
		pc, base, op = vm.pc, vm.base, vm.opAt(vm.topFrame())
	}
	switch op {
	case CALL: // else run calls it
		return vm.callOp()
	case CALLM:
		a := unsafe.Pointer(regA(base, pc))
		newbase := unsafe.Add(a, 16)
		*slot(newbase, -1) = Value(vm.refOf(pc))
		return vm.call0(newbase, int(opC(pc))+vm.multres)
	case CALLT:
		return vm.tailCall(int(opC(pc)) - 1)
	case CALLMT:
		return vm.tailCall(int(opC(pc)) + vm.multres)
	case RET, RETM, RET0, RET1:
		return vm.doReturn(op)
	case VARG:
		return vm.varg()

	case USET, USETK:
		f := vm.closure(slot(base, -2).ref())
		r := *upvalRef(f, int(opA(pc)))
		uv := vm.upval(r)
		v := *regB(base, pc)
		if op == USETK {
			v = constD(pc)
		}
		*(*Value)(vm.ptr(uv.loc)) = v
		vm.barrierUp(r, v)
		return exitNone
	case CLOSURE:
		if !vm.checkpoint() {
			return vm.throw()
		}
		return vm.retryable(func() bool { return vm.newClosureOf(constD(vm.pc).ref(), regA(vm.base, vm.pc)) })
	case UCLO:
		vm.closeUpvals(unsafe.Pointer(regA(base, pc)))
		vm.pc = jumpD(pc)
		return exitNone
	case TNEW:
		if !vm.checkpoint() {
			return vm.throw()
		}
		r := vm.newTable(tnewArray(opD(vm.pc)), uint8(opB(vm.pc)))
		if r == 0 {
			return vm.retryable(func() bool {
				r := vm.newTable(tnewArray(opD(vm.pc)), uint8(opB(vm.pc)))
				if r != 0 {
					*regA(vm.base, vm.pc) = tableBits | Value(r)
				}
				return r != 0
			})
		}
		*regA(vm.base, vm.pc) = tableBits | Value(r)
		return exitNone
	case TSETM:
		return vm.tsetm()

	case GGET:
		env := tableBits | Value(vm.closure(slot(base, -2).ref()).env)
		return vm.getField(regA(base, pc), env, constK(pc))
	case GGETF:
		return vm.get(regA(base, pc), tableBits|Value(vm.closure(slot(base, -2).ref()).env), constD(pc))
	case GSETF:
		return vm.set(tableBits|Value(vm.closure(slot(base, -2).ref()).env), constD(pc), *regA(base, pc))
	case TGETS:
		return vm.getField(regA(base, pc), *regB(base, pc), constK(pc))
	case SELF:
		o, a := *regB(base, pc), unsafe.Pointer(regA(base, pc))
		*slot(a, 2) = o
		return vm.getField((*Value)(a), o, constK(pc))
	case TGETV:
		return vm.get(regA(base, pc), *regB(base, pc), *regC(base, pc))
	case TGETI:
		return vm.get(regA(base, pc), *regB(base, pc), Int(opD(pc)))
	case GSET:
		env := tableBits | Value(vm.closure(slot(base, -2).ref()).env)
		return vm.setField(env, constK(pc), *regA(base, pc))
	case TSETS:
		return vm.setField(*regB(base, pc), constK(pc), *regA(base, pc))
	case TSETV:
		return vm.set(*regB(base, pc), *regC(base, pc), *regA(base, pc))
	case TSETI:
		return vm.set(*regB(base, pc), Int(opD(pc)), *regA(base, pc))

	case LEN:
		return vm.length(regA(base, pc), *regB(base, pc))
	case UNM:
		v := *regB(base, pc)
		return vm.arith(mmUnm, regA(base, pc), v, v)
	case ADDVV, SUBVV, MULVV, DIVVV, MODVV, POWVV:
		return vm.arith(mmAdd+int(op-ADDVV), regA(base, pc), *regB(base, pc), *regC(base, pc))
	case ADDVK, SUBVK, MULVK, DIVVK, MODVK, POWVK:
		return vm.arith(mmAdd+int(op-ADDVK), regA(base, pc), *regB(base, pc), constD(pc))
	case ADDKV, SUBKV, MULKV, DIVKV, MODKV, POWKV:
		return vm.arith(mmAdd+int(op-ADDKV), regA(base, pc), constD(pc), *regB(base, pc))
	case CAT:
		return vm.cat()

	case ISLT, ISNLT:
		return vm.less(*regA(base, pc), *regB(base, pc), op == ISLT)
	case ISLE, ISNLE:
		return vm.lessEqual(*regA(base, pc), *regB(base, pc), op == ISLE)
	case ISLTI, ISNLTI:
		return vm.less(*regA(base, pc), Number(opImm(pc)), op == ISLTI)
	case ISLEI, ISNLEI:
		return vm.lessEqual(*regA(base, pc), Number(opImm(pc)), op == ISLEI)
	case ISGTI, ISNGTI:
		return vm.less(Number(opImm(pc)), *regA(base, pc), op == ISGTI)
	case ISGEI, ISNGEI:
		return vm.lessEqual(Number(opImm(pc)), *regA(base, pc), op == ISGEI)
	case ISEQ, ISNE:
		return vm.equal(*regA(base, pc), *regB(base, pc), op == ISEQ)

	case LOOP, FORL, FORLP, ITERL:
		return vm.spendAndRetry()
	case FORI:
		return vm.forPrepare(unsafe.Pointer(regA(base, pc)))
	case ITERP:
		vm.iterPrepare(unsafe.Pointer(regA(base, pc)))
		vm.pc = jumpD(pc)
		return exitNone
	case ITERC:
		return vm.iterCall(unsafe.Pointer(regA(base, pc)))
	}
	panic("lua: instruction " + op.String() + " out of place")
}

// tnewArray is the size of the array part for TNEW's item count.
func tnewArray(items int) uint32 {
	if items == 0 {
		return 0
	}
	return uint32(items) + 1
}

// retryable runs f, and once more after a full collection if it failed for
// lack of memory.
func (vm *VM) retryable(f func() bool) exit {
	if f() {
		return exitNone
	}
	vm.emergency(vm.frameTop())
	if f() {
		return exitNone
	}
	return vm.throwMemory()
}

// checkpoint is safepoint for an instruction of the current frame.
func (vm *VM) checkpoint() bool {
	return vm.debt() <= 0 || vm.safepoint(vm.frameTop())
}

// safepoint gives the collector its turn, if one is due. Slots from top on are
// not alive. It returns false if an error is to be thrown, which is set.
func (vm *VM) safepoint(top unsafe.Pointer) bool {
	if vm.debt() <= 0 {
		return true
	}
	vm.syncThread(top)
	vm.gcStep()
	if vm.stress {
		vm.gcFull()
		vm.setDebt(1)
	}
	if vm.tight && !vm.tighten(top) {
		return false
	}
	return len(vm.finalize) == 0 || vm.runFinalizers()
}

// emergency makes room for the allocation that has failed: it collects everything that can be collected, and if that isn't
// enough, it ends who holds most. What failed is then to be tried once more.
func (vm *VM) emergency(top unsafe.Pointer) {
	want := vm.wanted
	vm.syncThread(top)
	vm.gcFull()
	vm.relieve(want)
}

// syncThread stores the registers in the running thread for the collector.
func (vm *VM) syncThread(top unsafe.Pointer) {
	th := vm.th
	stack := vm.ptr(th.stack)
	th.base = uint32(slotsBetween(stack, vm.base))
	// The frame of a call that failed for lack of stack may reach beyond it.
	th.top = min(uint32(slotsBetween(stack, top)), th.size)
	if vm.pc != nil {
		th.pc = vm.refOf(vm.pc)
	}
}

// frameTop is the first slot above the current frame.
func (vm *VM) frameTop() unsafe.Pointer {
	fv := *slot(vm.base, -2)
	if fv.isFunction() {
		if vm.isLua(fv) {
			return unsafe.Add(vm.base, uintptr(infoOf(vm.ptr(vm.closure(fv.ref()).pc)).frameSize)*8)
		}
		return slotPtr(vm.base, vm.call.top)
	}
	return vm.base
}

func slotPtr(base unsafe.Pointer, i int) unsafe.Pointer { return unsafe.Add(base, i*8) }

// metatableOf returns v's metatable or 0.
func (vm *VM) metatableOf(v Value) ref {
	switch v >> tagShift {
	case tagTable:
		return vm.table(v.ref()).meta
	case tagString:
		return vm.root.strMeta
	case tagObject:
		if *(*objType)(vm.ptr(v.ref())) == objUserdata {
			return vm.userdata(v.ref()).meta
		}
	}
	return vm.root.tmMeta[vm.TypeOf(v)]
}

// metamethod returns field mm of the metatable meta, which may be 0.
func (vm *VM) metamethod(meta ref, mm int) Value {
	if meta == 0 {
		return Nil
	}
	t := vm.table(meta)
	if mm < 8 && t.nomm>>mm&1 != 0 {
		return Nil
	}
	v := vm.tgetStr(meta, vm.root.mmName[mm])
	if v == Nil && mm < 8 {
		t.nomm |= 1 << mm
	}
	return v
}

// lookup is one of the ways an index operation can end.
type lookup int

const (
	lookupDone lookup = iota // found, or absent for good
	lookupCall               // a metamethod is to be called
	lookupFail               // not indexable: error raised
)

const indexChainMax = 100 // LJ_MAX_IDXCHAIN

// index finds o[k], following __index through tables. For lookupCall v is the
// metamethod and o2 the object to call it with.
func (vm *VM) index(o, k Value) (v, o2 Value, how lookup) {
	for range indexChainMax {
		var mm Value
		if o.isTable() {
			v := vm.tget(o.ref(), k)
			if v != Nil {
				return v, Nil, lookupDone
			}
			meta := vm.table(o.ref()).meta
			if meta == 0 {
				return Nil, Nil, lookupDone
			}
			if mm = vm.metamethod(meta, mmIndex); mm == Nil {
				return Nil, Nil, lookupDone
			}
		} else if mm = vm.metamethod(vm.metatableOf(o), mmIndex); mm == Nil {
			return o, Nil, lookupFail
		}
		if mm.isFunction() {
			return mm, o, lookupCall
		}
		o = mm
	}
	vm.raise("loop in gettable")
	return Nil, Nil, lookupFail
}

// get is *dst = o[k].
func (vm *VM) get(dst *Value, o, k Value) exit {
	if o.isTable() {
		if v := vm.tget(o.ref(), k); v != Nil || vm.table(o.ref()).meta == 0 {
			*dst = v
			return exitNone
		}
	}
	vm.root.errValue = Nil
	v, o2, how := vm.index(o, k)
	switch how {
	case lookupDone:
		*dst = v
		return exitNone
	case lookupCall:
		return vm.callMeta(linkMeta, v, o2, k)
	}
	if vm.root.errValue == Nil {
		vm.indexError(v, o)
	}
	return vm.throw()
}

// getField is get for the constant string k; it keeps the instruction's hint.
func (vm *VM) getField(dst *Value, o, k Value) exit {
	if o.isTable() {
		t := vm.table(o.ref())
		if i, ok := vm.findNode(t, k, vm.str(k.ref()).hash); ok {
			n := vm.nodeAt(t.node, i)
			if n.val != Nil {
				vm.setHint(t, k, i)
				*dst = n.val
				return exitNone
			}
		}
		if t.meta == 0 {
			*dst = Nil
			return exitNone
		}
	}
	return vm.getInherited(dst, o, k)
}

// getInherited is getField for an object that does not have k itself: it
// follows __index through tables, a class's methods or the string library, and
// leaves what ends otherwise to get.
func (vm *VM) getInherited(dst *Value, o, k Value) exit {
	hash := vm.str(k.ref()).hash
	at := o
	for range indexChainMax - 1 {
		mm := Nil
		switch {
		case at.isTable():
			if meta := vm.table(at.ref()).meta; meta != 0 {
				mm = vm.metamethod(meta, mmIndex)
			}
		case at.isString():
			mm = vm.metamethod(vm.root.strMeta, mmIndex)
		}
		if mm.isFunction() {
			return vm.callMeta(linkMeta, mm, at, k)
		}
		if !mm.isTable() {
			break
		}
		if v := vm.probe(vm.table(mm.ref()), k, hash); v != Nil {
			*dst = v
			return exitNone
		}
		at = mm
	}
	return vm.get(dst, o, k)
}

// setHint makes the instruction find key k of t, which is at node i, at once.
func (vm *VM) setHint(t *tableObj, k Value, i uint32) {
	*hint(vm.pc) = hintFor(vm.str(k.ref()).hash, i, t.mask)
}

// hintFor is the hint for a key at node i. The key's own hash is best, as it
// serves tables of every size; only a displaced key needs the index.
func hintFor(hash, i, mask uint32) uint16 {
	if hash&mask == i {
		return uint16(hash)
	}
	return uint16(i)
}

// set is o[k] = v.
func (vm *VM) set(o, k, v Value) exit {
	first := o
	for range indexChainMax {
		var mm Value
		if o.isTable() {
			r := o.ref()
			t := vm.table(r)
			if t.meta == 0 {
				return vm.rawset(r, k, v)
			}
			if vm.tget(r, k) != Nil {
				return vm.rawset(r, k, v)
			}
			if mm = vm.metamethod(t.meta, mmNewindex); mm == Nil {
				return vm.rawset(r, k, v)
			}
		} else if mm = vm.metamethod(vm.metatableOf(o), mmNewindex); mm == Nil {
			vm.indexError(o, first)
			return vm.throw()
		}
		if mm.isFunction() {
			return vm.callMeta(linkMeta, mm, o, k, v)
		}
		o = mm
	}
	vm.raise("loop in settable")
	return vm.throw()
}

// setField is set for the constant string k; it keeps the hint.
func (vm *VM) setField(o, k, v Value) exit {
	if o.isTable() {
		t := vm.table(o.ref())
		if i, ok := vm.findNode(t, k, vm.str(k.ref()).hash); ok {
			if n := vm.nodeAt(t.node, i); n.val != Nil || t.meta == 0 {
				vm.setHint(t, k, i)
				t.nomm = 0
				n.val = v
				vm.barrierStore(o.ref(), v)
				return exitNone
			}
		} else if t.meta == 0 && v != Nil {
			if p := vm.insert(t, k, vm.str(k.ref()).hash); p != nil {
				*p = v
				return exitNone
			}
		}
	}
	return vm.set(o, k, v)
}

// rawset stores into a table without metamethods; storing nil at an absent
// key makes no entry.
func (vm *VM) rawset(t ref, k, v Value) exit {
	if k == Nil {
		vm.raise("table index is nil")
		return vm.throw()
	}
	if k == nanBits {
		vm.raise("table index is NaN")
		return vm.throw()
	}
	if v == Nil && vm.tget(t, k) == Nil {
		return exitNone
	}
	p := vm.tset(t, k)
	if p == nil {
		// The table may be known to a weak table alone, as a metamethod's value.
		vm.root.errValue = tableBits | Value(t)
		vm.emergency(vm.frameTop())
		vm.root.errValue = Nil
		if p = vm.tset(t, k); p == nil {
			return vm.throwMemory()
		}
	}
	*p = v
	return exitNone
}

// tsetm stores an open list of values: the end of a table constructor.
func (vm *VM) tsetm() exit {
	pc, base := vm.pc, vm.base
	a := unsafe.Pointer(regA(base, pc))
	t := slot(a, -1).ref()
	first, n := opD(pc), vm.multres
	if o := vm.table(t); uint64(first+n) <= uint64(o.asize) && o.gc&gcBlack == 0 {
		moveDown(unsafe.Pointer(vm.value(o.arr, uint32(first))), a, n)
		return exitNone
	}
	if !vm.tgrow(t, uint32(first+n)) {
		vm.emergency(slotPtr(a, n))
		if !vm.tgrow(t, uint32(first+n)) {
			return vm.throwMemory()
		}
	}
	for i := range n {
		if v := *slot(a, i); v != Nil {
			p := vm.tsetInt(t, int64(first+i))
			if p == nil {
				return vm.throwMemory()
			}
			*p = v
		}
	}
	return exitNone
}

// length is *dst = #v.
func (vm *VM) length(dst *Value, v Value) exit {
	switch {
	case v.isString():
		*dst = Int(int(vm.str(v.ref()).len))
		return exitNone
	case v.isTable() && !(vm.compat52 && vm.metamethod(vm.table(v.ref()).meta, mmLen) != Nil):
		*dst = Int(int(vm.tlen(v.ref())))
		return exitNone
	}
	if mm := vm.metamethod(vm.metatableOf(v), mmLen); mm != Nil {
		if vm.compat52 {
			return vm.callMeta(linkMeta, mm, v, v)
		}
		return vm.callMeta(linkMeta, mm, v, Nil)
	}
	vm.operandError("get length of", v)
	return vm.throw()
}

// toNumber converts numbers and strings that look like one.
func (vm *VM) toNumber(v Value) (float64, bool) {
	if v.isNumber() {
		return v.float(), true
	}
	if v.isString() {
		b := vm.strBytes(v.ref())
		vm.budget -= int64(len(b)) / (2 * nsPerUnit)
		return number.Parse(b)
	}
	return 0, false
}

// arith is *dst = x op y with coercion and metamethods; for unary minus x == y.
func (vm *VM) arith(mm int, dst *Value, x, y Value) exit {
	if a, ok := vm.toNumber(x); ok {
		if b, ok := vm.toNumber(y); ok {
			*dst = Number(arithmetic(mm, a, b))
			return exitNone
		}
	}
	f := vm.metamethod(vm.metatableOf(x), mm)
	if f == Nil {
		f = vm.metamethod(vm.metatableOf(y), mm)
	}
	if f == Nil {
		if _, ok := vm.toNumber(x); ok {
			x = y
		}
		vm.operandError("perform arithmetic on", x)
		return vm.throw()
	}
	return vm.callMeta(linkMeta, f, x, y)
}

func arithmetic(mm int, a, b float64) float64 {
	switch mm {
	case mmAdd:
		return a + b
	case mmSub:
		return a - b
	case mmMul:
		return a * b
	case mmDiv:
		return a / b
	case mmMod:
		return a - float64(math.Floor(a/b)*b)
	case mmPow:
		return pow(a, b)
	}
	return -a
}

// pow is C's pow, with the commonest exponents done at once.
func pow(a, b float64) float64 {
	switch b {
	case 2:
		return a * a
	case 0.5:
		if a > 0 && !math.IsInf(a, 0) { // pow(-0, 0.5) is 0
			return math.Sqrt(a)
		}
	}
	return libm.Pow(a, b)
}

// cat is CAT. What is short is put together at once.
func (vm *VM) cat() exit {
	if !vm.checkpoint() {
		return vm.throw()
	}
	pc, base := vm.pc, vm.base
	first, last := int(opB(pc)), int(opC(pc))
	n := 0
	for i := first; i <= last; i++ {
		switch v := *slot(base, i); {
		case v.isString():
			size := int(vm.str(v.ref()).len)
			if n+size > len(vm.scratch)-8 {
				return vm.concat(last)
			}
			copyWords(unsafe.Pointer(&vm.scratch[n]), vm.ptr(v.ref()+stringHead/8), size)
			n += size
		case v.isNumber() && n <= len(vm.scratch)-32:
			n += len(number.Append(vm.scratch[n:n], v.float()))
		default:
			return vm.concat(last)
		}
	}
	r := vm.intern(vm.scratch[:n])
	if r == 0 {
		return vm.concat(last)
	}
	*regA(base, pc) = stringBits | Value(r)
	return exitNone
}

// concat joins registers B..top of the CAT instruction from the right.
func (vm *VM) concat(top int) exit {
	pc, base := vm.pc, vm.base
	b := int(opB(pc))
	for top > b {
		// As many strings and numbers as there are at the right end.
		first := top
		size := 0
		for first >= b {
			v := *slot(base, first)
			if v.isString() {
				size += int(vm.str(v.ref()).len)
			} else if v.isNumber() {
				size += 8
			} else {
				break
			}
			first--
		}
		first++
		if top-first >= 1 {
			v, x := vm.concatStrings(slots(slotPtr(base, first), top-first+1), size)
			if x != exitNone {
				return x
			}
			*slot(base, first) = v
			top = first
			continue
		}
		x, y := *slot(base, top-1), *slot(base, top)
		f := vm.metamethod(vm.metatableOf(x), mmConcat)
		if f == Nil {
			f = vm.metamethod(vm.metatableOf(y), mmConcat)
		}
		if f == Nil {
			at := top - 1
			if x.isString() || x.isNumber() {
				x, at = y, top
			}
			vm.operandErrorAt("concatenate", x, slot(base, at))
			return vm.throw()
		}
		return vm.callMetaAt(linkMetaCat, top-1, f, x, y)
	}
	*regA(base, pc) = *slot(base, b)
	return exitNone
}

// concatMax is the length at which LuaJIT calls the result of .. too long; only
// there does it tell that from too little memory.
const concatMax = 1<<31 - 256

// concatStrings joins strings and numbers.
func (vm *VM) concatStrings(vs []Value, size int) (Value, exit) {
	if size >= concatMax {
		vm.raise("string length overflow")
		return Nil, vm.throw()
	}
	if !vm.fits(int64(size)) {
		vm.emergency(vm.frameTop())
		if !vm.fits(int64(size)) {
			return Nil, vm.throwMemory()
		}
	}
	vm.budget -= int64(size) / (16 * nsPerUnit)
	if len(vs) == 2 && vs[0].isString() && vs[1].isString() {
		if r := vm.intern2(vm.strBytes(vs[0].ref()), vm.strBytes(vs[1].ref())); r != 0 {
			return stringBits | Value(r), exitNone
		}
	}
	buf := vm.buf[:0]
	for _, v := range vs {
		if v.isString() {
			buf = append(buf, vm.strBytes(v.ref())...)
		} else {
			buf = number.Append(buf, v.float())
		}
	}
	if cap(buf) <= 1<<20 {
		vm.buf = buf
	}
	r := vm.intern(buf)
	if r == 0 {
		vm.emergency(vm.frameTop())
		if r = vm.intern(buf); r == 0 {
			return Nil, vm.throwMemory()
		}
	}
	return stringBits | Value(r), exitNone
}

// jumpIf ends a comparison: the jump is taken if the outcome is want.
func (vm *VM) jumpIf(outcome, want bool) exit {
	if outcome == want {
		vm.pc = jumpD(vm.pc)
	}
	return exitNone
}

// compareStrings orders two strings by their bytes.
func (vm *VM) compareStrings(x, y Value) int {
	a, b := vm.strBytes(x.ref()), vm.strBytes(y.ref())
	vm.budget -= int64(min(len(a), len(b))) / (16 * nsPerUnit)
	return bytes.Compare(a, b)
}

func (vm *VM) less(x, y Value, want bool) exit {
	if x.isNumber() && y.isNumber() {
		return vm.jumpIf(x.float() < y.float(), want)
	}
	if x.isString() && y.isString() {
		return vm.jumpIf(vm.compareStrings(x, y) < 0, want)
	}
	if f := vm.comparer(mmLT, x, y); f != Nil {
		return vm.callMeta(linkMeta, f, x, y)
	}
	vm.compareError(x, y)
	return vm.throw()
}

func (vm *VM) lessEqual(x, y Value, want bool) exit {
	if x.isNumber() && y.isNumber() {
		return vm.jumpIf(x.float() <= y.float(), want)
	}
	if x.isString() && y.isString() {
		return vm.jumpIf(vm.compareStrings(x, y) <= 0, want)
	}
	if f := vm.comparer(mmLE, x, y); f != Nil {
		return vm.callMeta(linkMeta, f, x, y)
	}
	if f := vm.comparer(mmLT, y, x); f != Nil {
		return vm.callMeta(linkMetaNot, f, y, x)
	}
	if vm.compat52 {
		x, y = y, x // as LuaJIT has tried them last
	}
	vm.compareError(x, y)
	return vm.throw()
}

// comparer returns the metamethod for x < y or x <= y. Without 5.2's ways both
// must be of one type and have the same.
func (vm *VM) comparer(mm int, x, y Value) Value {
	f := vm.metamethod(vm.metatableOf(x), mm)
	if vm.compat52 {
		if f == Nil {
			f = vm.metamethod(vm.metatableOf(y), mm)
		}
		return f
	}
	if f == Nil || vm.TypeOf(x) != vm.TypeOf(y) {
		return Nil
	}
	if g := vm.metamethod(vm.metatableOf(y), mm); g == f || vm.rawEqual(f, g) {
		return f
	}
	return Nil
}

func (vm *VM) rawEqual(x, y Value) bool {
	if x == y {
		return x != nanBits
	}
	return x.isNumber() && y.isNumber() && x.float() == y.float()
}

// equal compares any two values.
func (vm *VM) equal(x, y Value, want bool) exit {
	if x == y || x>>tagShift != y>>tagShift || x>>tagShift != tagTable && x>>tagShift != tagObject {
		return vm.jumpIf(vm.rawEqual(x, y), want)
	}
	if f := vm.equalMeta(x, y); f != Nil {
		return vm.callMeta(linkMeta, f, x, y)
	}
	return vm.jumpIf(false, want)
}

// equalMeta returns __eq if both operands are of one type and share it.
func (vm *VM) equalMeta(x, y Value) Value {
	if vm.TypeOf(x) != vm.TypeOf(y) {
		return Nil
	}
	f := vm.metamethod(vm.metatableOf(x), mmEq)
	if f == Nil {
		return Nil
	}
	if g := vm.metamethod(vm.metatableOf(y), mmEq); g == f {
		return f
	}
	return Nil
}

// finish completes the instruction in front of vm.pc, whose metamethod has
// returned v.
func (vm *VM) finish(v Value, negate bool, at int) exit {
	pc, base := vm.pc, vm.base
	switch op := vm.opAt(vm.topFrame()); op {
	case TSETV, TSETS, TSETI, GSET, GSETF:
		return exitNone
	case CAT:
		*slot(base, at) = v
		return vm.concat(at)
	case ISLT, ISLE, ISLTI, ISLEI, ISGTI, ISGEI, ISEQ:
		return vm.jumpIf(v.Truthy() != negate, true)
	case ISNLT, ISNLE, ISNLTI, ISNLEI, ISNGTI, ISNGEI, ISNE:
		return vm.jumpIf(v.Truthy() != negate, false)
	default:
		*regA(base, pc) = v
		return exitNone
	}
}

// forPrepare is FORI for operands that are not all numbers.
func (vm *VM) forPrepare(a unsafe.Pointer) exit {
	for i, what := range [...]string{"initial", "limit", "step"} {
		p := slot(a, i)
		f, ok := vm.toNumber(*p)
		if !ok {
			if what == "initial" {
				vm.raise("'for' initial value must be a number")
			} else {
				vm.raise("'for' " + what + " must be a number")
			}
			return vm.throw()
		}
		*p = Number(f)
	}
	i, n, s := slot(a, 0).float(), slot(a, 1).float(), *slot(a, 2)
	*slot(a, 3) = *slot(a, 0)
	up := int64(s) >= 0 && s != nanBits // NaN counts down, as what 0/0 gives does in LuaJIT
	if up && !(i <= n) || !up && !(i >= n) {
		vm.pc = jumpD(vm.pc)
	}
	return exitNone
}

// iterPrepare is ITERP: loops over pairs(t) and ipairs(t) get a control
// variable that holds the position.
func (vm *VM) iterPrepare(a unsafe.Pointer) {
	id := vm.BuiltinOf(*slot(a, 0))
	if id == 0 || !slot(a, 1).isTable() {
		return
	}
	if id == nextID && *slot(a, 2) == Nil {
		*slot(a, 2) = iterBits
	} else if id == ipairsAuxID && *slot(a, 2) == 0 {
		*slot(a, 2) = iterBits | iterArray
	}
}

// iterCall is ITERC in general. a is the first result's register; iterator,
// state and control are the three below.
func (vm *VM) iterCall(a unsafe.Pointer) exit {
	pc := vm.pc
	ctl := *slot(a, -1)
	if ctl>>46 != iterBits>>46 {
		*slot(a, 0), *slot(a, 2), *slot(a, 3) = *slot(a, -3), *slot(a, -2), ctl
		newbase := slotPtr(a, 2)
		*slot(newbase, -1) = Value(vm.refOf(pc))
		return vm.call0(newbase, 2)
	}
	if vm.budget <= 0 {
		return vm.spendAndRetry()
	}
	vm.budget--
	t := slot(a, -2).ref()
	var k, v Value
	if ctl&iterArray != 0 {
		i := int64(uint32(ctl)) + 1
		k, v = Number(float64(i)), vm.tgetInt(t, i)
		*slot(a, -1) = ctl + 1
		if v == Nil {
			vm.pc = unsafe.Add(pc, 8)
			return exitNone
		}
	} else {
		var next uint32
		next, k, v = vm.titer(t, uint32(ctl))
		if next == 0 {
			vm.pc = unsafe.Add(pc, 8)
			return exitNone
		}
		*slot(a, -1) = iterBits | Value(next)
	}
	*slot(a, 0), *slot(a, 1) = k, v
	for i := 2; i < int(opB(pc))-1; i++ {
		*slot(a, i) = Nil
	}
	vm.pc = jumpD(unsafe.Add(pc, 8))
	return exitNone
}
