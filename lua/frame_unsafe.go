package lua

import "unsafe"

// slot returns the i-th Value from base; i may be negative.
func slot(base unsafe.Pointer, i int) *Value {
	return (*Value)(unsafe.Add(base, i*8))
}

// slots views n Values from base.
func slots(base unsafe.Pointer, n int) []Value {
	return unsafe.Slice((*Value)(base), n)
}

// slotsBetween is the number of slots from a up to b.
func slotsBetween(a, b unsafe.Pointer) int {
	return int(uintptr(b)-uintptr(a)) >> 3
}

// Operands of the instruction in front of pc: the running loop always has pc
// at the next instruction. Reading bytes from memory measures faster than
// shifting them out of the word.
func opOf(pc unsafe.Pointer) uint8    { return *(*uint8)(unsafe.Add(pc, -8)) }
func opA(pc unsafe.Pointer) uintptr   { return uintptr(*(*uint8)(unsafe.Add(pc, -7))) }
func opB(pc unsafe.Pointer) uintptr   { return uintptr(*(*uint8)(unsafe.Add(pc, -6))) }
func opC(pc unsafe.Pointer) uintptr   { return uintptr(*(*uint8)(unsafe.Add(pc, -5))) }
func opImm(pc unsafe.Pointer) float64 { return float64(*(*int16)(unsafe.Add(pc, -6))) }
func opD(pc unsafe.Pointer) int       { return int(*(*int32)(unsafe.Add(pc, -4))) }
func opJ(pc unsafe.Pointer) int       { return int(*(*int16)(unsafe.Add(pc, -4))) }

// hint is the J half as the table operations use it: low bits of a hash.
func hint(pc unsafe.Pointer) *uint16 { return (*uint16)(unsafe.Add(pc, -4)) }

func regA(base, pc unsafe.Pointer) *Value { return (*Value)(unsafe.Add(base, opA(pc)*8)) }
func regB(base, pc unsafe.Pointer) *Value { return (*Value)(unsafe.Add(base, opB(pc)*8)) }
func regC(base, pc unsafe.Pointer) *Value { return (*Value)(unsafe.Add(base, opC(pc)*8)) }

// numA, numB, numC and numD read an operand as the double that it may be: as a
// float from memory, for by way of an integer register it would take longer.
func numA(base, pc unsafe.Pointer) float64 { return *(*float64)(unsafe.Add(base, opA(pc)*8)) }
func numB(base, pc unsafe.Pointer) float64 { return *(*float64)(unsafe.Add(base, opB(pc)*8)) }
func numC(base, pc unsafe.Pointer) float64 { return *(*float64)(unsafe.Add(base, opC(pc)*8)) }
func numD(pc unsafe.Pointer) float64       { return *(*float64)(unsafe.Add(pc, opD(pc))) }

// numAt is the i-th slot from base as a double.
func numAt(base unsafe.Pointer, i int) float64 { return *(*float64)(unsafe.Add(base, i*8)) }

// numItem is element i of an array part.
func numItem(arr unsafe.Pointer, i uint32) *Value { return (*Value)(unsafe.Add(arr, uintptr(i)*8)) }

// constD and constK are the constants at the distance in D, which the loader
// has made one of bytes from pc, or in its K half.
func constD(pc unsafe.Pointer) Value {
	return *(*Value)(unsafe.Add(pc, opD(pc)))
}
func constK(pc unsafe.Pointer) Value {
	return *(*Value)(unsafe.Add(pc, ^int(*(*uint16)(unsafe.Add(pc, -2)))*8))
}

// jumpD and jumpJ are pc after the jump.
func jumpD(pc unsafe.Pointer) unsafe.Pointer { return unsafe.Add(pc, opD(pc)*8) }
func jumpJ(pc unsafe.Pointer) unsafe.Pointer { return unsafe.Add(pc, opJ(pc)*8) }

// infoOf is the word in front of the code that begins at code.
func infoOf(code unsafe.Pointer) *protoInfo { return (*protoInfo)(unsafe.Add(code, -8)) }

// infoWord is the first half of infoOf in one read: parameters, frame size << 8, flags << 16.
func infoWord(code unsafe.Pointer) uintptr { return uintptr(*(*uint32)(unsafe.Add(code, -8))) }

// upvalRef is the place of upvalue i in a closure.
func upvalRef(f *closureObj, i int) *ref {
	return (*ref)(unsafe.Add(unsafe.Pointer(f), closureHead+i*4))
}

// builtinUpval is the place of value i of a builtin.
func builtinUpval(f *builtinObj, i int) *Value {
	return (*Value)(unsafe.Add(unsafe.Pointer(f), builtinHead+i*8))
}

// refOf is the ref of a place in the arena.
func (h *heap) refOf(p unsafe.Pointer) ref {
	return ref((uintptr(p) - uintptr(h.mem)) >> 3)
}
