package compile

import (
	"math"

	"moonring/lua/bytecode"
)

// exprKind says where the value of an expression is to be found.
type exprKind uint8

const (
	// Constants.
	exprNil exprKind = iota
	exprFalse
	exprTrue
	exprString // id
	exprNumber // num
	// Variables.
	exprLocal   // info: register; aux: index of the variable
	exprUpvalue // info: its index
	exprGlobal  // id
	exprIndexed // info: register of the table; key as keyKind says
	// Others.
	exprJump  // info: position of a comparison that jumps if it is true
	exprReloc // info: position of the instruction whose register A is open
	exprReg   // info: register
	exprCall  // info: position of a CALL or VARG; aux: its base
	exprVoid
)

// keyKind says what the key of an exprIndexed is.
type keyKind uint8

const (
	keyReg    keyKind = iota // aux: register
	keyString                // id
	keyInt                   // aux: integer 0..2^31-1
)

// expr describes an expression that has been read but whose value isn't
// in a register yet. If t (f) isn't empty, the expression may also be left
// through these jumps, and is then true (false).
type expr struct {
	kind exprKind
	key  keyKind
	id   nameID
	info int32
	aux  int32
	num  float64
	t, f jumps
}

func (e *expr) hasJumps() bool      { return e.t.head != 0 || e.f.head != 0 }
func (e *expr) isConst() bool       { return e.kind <= exprNumber }
func (e *expr) isPlainConst() bool  { return e.isConst() && !e.hasJumps() }
func (e *expr) isPlainNumber() bool { return e.kind == exprNumber && !e.hasJumps() }

// primitive is the operand for a nil, false or true.
func (e *expr) primitive() int {
	switch e.kind {
	case exprTrue:
		return bytecode.PriTrue
	case exprFalse:
		return bytecode.PriFalse
	}
	return bytecode.PriNil
}

// asInt32 returns n as an int32 if it is one and not -0.
func asInt32(n float64) (int32, bool) {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, false
	}
	i := int32(n)
	return i, float64(i) == n && (i != 0 || !math.Signbit(n))
}

// releaseExpr releases the register of an expression.
func (f *function) releaseExpr(e *expr) {
	if e.kind == exprReg {
		f.release(int(e.info))
	}
}

// discharge gets the value of a variable or call; what remains is a constant,
// jump, instruction with open register, or register.
func (f *function) discharge(e *expr) {
	switch e.kind {
	case exprUpvalue:
		e.info = f.emitABC(bytecode.UGET, 0, int(e.info), 0)
	case exprGlobal:
		k := f.constString(e.id)
		if f.near(k) {
			e.info = f.emitNear(bytecode.GGET, 0, 0, k)
		} else {
			e.info = f.emitConst(bytecode.GGETF, 0, 0, k)
		}
	case exprIndexed:
		table := int(e.info)
		switch e.key {
		case keyString:
			k := f.constString(e.id)
			if f.near(k) {
				e.info = f.emitNear(bytecode.TGETS, 0, table, k)
			} else {
				e.info = f.emitABC(bytecode.TGETV, 0, table, f.loadFar(k))
			}
		case keyInt:
			e.info = f.emitABD(bytecode.TGETI, 0, table, e.aux)
		default:
			e.info = f.emitABC(bytecode.TGETV, 0, table, int(e.aux))
			f.release(int(e.aux))
		}
		f.release(table)
	case exprCall:
		e.info = e.aux
		e.kind = exprReg
		return
	case exprLocal:
		e.kind = exprReg
		return
	default:
		return
	}
	e.kind = exprReloc
}

// loadFar loads a constant that is out of reach for the instruction emitted
// next into the first free register, for the use of just that instruction.
func (f *function) loadFar(k int32) int {
	f.bump(1)
	f.emitConst(bytecode.LOADK, f.freeReg, 0, k)
	return f.freeReg
}

// loadNil sets n registers to nil, if possible with the instruction before.
func (f *function) loadNil(from, n int) {
	last := f.pc() - 1
	if f.pc() > f.lastTarget && last >= 0 {
		i := f.code[last]
		first, end := i.A(), -1
		switch {
		case i.Op() == bytecode.LOADNIL:
			end = i.B()
		case i.Op() == bytecode.LOADPRI && i.B() == bytecode.PriNil && first != noReg:
			end = first
		}
		if end >= 0 && first <= from && from <= end+1 {
			if to := from + n - 1; to > end {
				f.code[last] = bytecode.ABC(bytecode.LOADNIL, first, to, 0)
			}
			return
		}
	}
	if n == 1 {
		f.emitABC(bytecode.LOADPRI, from, bytecode.PriNil, 0)
	} else {
		f.emitABC(bytecode.LOADNIL, from, from+n-1, 0)
	}
}

// toRegNoJumps puts the value into reg but leaves e's jumps alone. A
// comparison stays as it is.
func (f *function) toRegNoJumps(e *expr, reg int) {
	f.discharge(e)
	switch e.kind {
	case exprString:
		f.emitConst(bytecode.LOADK, reg, 0, f.constString(e.id))
	case exprNumber:
		if i, ok := asInt32(e.num); ok {
			f.emitABD(bytecode.LOADI, reg, 0, i)
		} else {
			f.emitConst(bytecode.LOADK, reg, 0, f.constNumber(e.num))
		}
	case exprReloc:
		f.setA(e.info, reg)
	case exprReg:
		if reg != int(e.info) {
			f.emitABC(bytecode.MOV, reg, int(e.info), 0)
		}
	case exprNil:
		if reg != noReg {
			f.loadNil(reg, 1)
			break
		}
		fallthrough
	case exprFalse, exprTrue:
		f.emitABC(bytecode.LOADPRI, reg, e.primitive(), 0)
	default:
		return
	}
	e.info = int32(reg)
	e.kind = exprReg
}

// toReg puts the value into reg.
func (f *function) toReg(e *expr, reg int) {
	f.toRegNoJumps(e, reg)
	if e.kind == exprJump {
		e.t = f.join(e.t, oneJump(e.info))
	}
	if e.hasJumps() {
		var ifFalse, ifTrue int32
		if f.lacksValue(e.t) || f.lacksValue(e.f) {
			var done jumps
			if e.kind != exprJump {
				done = f.emitJump()
			}
			ifFalse = f.emitABC(bytecode.LOADPRI, reg, bytecode.PriFalse, 0)
			f.emitABD(bytecode.JMP, 0, 0, 1)
			ifTrue = f.emitABC(bytecode.LOADPRI, reg, bytecode.PriTrue, 0)
			f.toHere(done)
		}
		end := f.pc()
		f.lastTarget = end
		f.patchValue(e.f, end, reg, ifFalse)
		f.patchValue(e.t, end, reg, ifTrue)
	}
	*e = expr{kind: exprReg, info: int32(reg)}
}

// toNextReg puts the value into the next free register.
func (f *function) toNextReg(e *expr) {
	f.discharge(e)
	f.releaseExpr(e)
	f.reserve(1)
	f.toReg(e, f.freeReg-1)
}

// toAnyReg puts the value into some register, unless it is in one.
func (f *function) toAnyReg(e *expr) int {
	f.discharge(e)
	if e.kind == exprReg {
		if !e.hasJumps() {
			return int(e.info)
		}
		if int(e.info) >= f.nactive {
			f.toReg(e, int(e.info))
			return int(e.info)
		}
	}
	f.toNextReg(e)
	return int(e.info)
}

// toValue makes the value a constant, register, or instruction with an open
// register, without jumps.
func (f *function) toValue(e *expr) {
	if e.hasJumps() {
		f.toAnyReg(e)
	} else {
		f.discharge(e)
	}
}

// toTest makes e a register, for the test of its truth.
func (f *function) toTest(e *expr) {
	if e.kind != exprReg {
		f.reserve(1)
		f.toRegNoJumps(e, f.freeReg-1)
	}
}

// testJump emits a jump that is taken if e is cond, and keeps the value.
func (f *function) testJump(e *expr, cond bool) jumps {
	if e.kind == exprReloc {
		if i := f.code[e.info]; i.Op() == bytecode.NOT && e.info == f.pc()-1 {
			op := bytecode.IST
			if cond {
				op = bytecode.ISF
			}
			f.code[e.info] = bytecode.ABC(op, i.B(), 0, 0)
			f.extra--
			return oneJump(e.info)
		}
	}
	f.toTest(e)
	op := bytecode.ISFC
	if cond {
		op = bytecode.ISTC
	}
	list := oneJump(f.emitTest(bytecode.ABC(op, noReg, int(e.info), 0)))
	f.releaseExpr(e)
	return list
}

// constJump emits a jump that is always taken, with a constant as its value.
func (f *function) constJump(e *expr) jumps {
	f.toRegNoJumps(e, noReg)
	return f.emitJump()
}

// jumpIfFalse emits code that goes on if e is true and else leaves through e.f.
func (f *function) jumpIfFalse(e *expr) {
	f.discharge(e)
	var list jumps
	switch e.kind {
	case exprString, exprNumber, exprTrue:
	case exprJump:
		f.invert(e.info)
		list = oneJump(e.info)
	case exprNil, exprFalse:
		list = f.constJump(e)
	default:
		list = f.testJump(e, false)
	}
	e.f = f.join(e.f, list)
	f.toHere(e.t)
	e.t = jumps{}
}

// jumpIfTrue emits code that goes on if e is false and else leaves through e.t.
func (f *function) jumpIfTrue(e *expr) {
	f.discharge(e)
	var list jumps
	switch e.kind {
	case exprNil, exprFalse:
	case exprJump:
		list = oneJump(e.info)
	case exprString, exprNumber, exprTrue:
		list = f.constJump(e)
	default:
		list = f.testJump(e, true)
	}
	e.t = f.join(e.t, list)
	f.toHere(e.f)
	e.f = jumps{}
}

// store assigns e to the variable v.
func (f *function) store(v, e *expr) {
	switch v.kind {
	case exprLocal:
		f.releaseExpr(e)
		f.toReg(e, int(v.info))
		return
	case exprUpvalue:
		f.toValue(e)
		switch e.kind {
		case exprNil, exprFalse, exprTrue:
			f.emitABC(bytecode.USETP, int(v.info), e.primitive(), 0)
		case exprString:
			f.emitConst(bytecode.USETK, int(v.info), 0, f.constString(e.id))
		case exprNumber:
			f.emitConst(bytecode.USETK, int(v.info), 0, f.constNumber(e.num))
		default:
			r := f.toAnyReg(e)
			f.emitABC(bytecode.USET, int(v.info), r, 0)
		}
	case exprGlobal:
		r := f.toAnyReg(e)
		k := f.constString(v.id)
		if f.near(k) {
			f.emitNear(bytecode.GSET, r, 0, k)
		} else {
			f.emitConst(bytecode.GSETF, r, 0, k)
		}
	default:
		r := f.toAnyReg(e)
		switch v.key {
		case keyString:
			k := f.constString(v.id)
			if f.near(k) {
				f.emitNear(bytecode.TSETS, r, int(v.info), k)
			} else {
				f.emitABC(bytecode.TSETV, r, int(v.info), f.loadFar(k))
			}
		case keyInt:
			f.emitABD(bytecode.TSETI, r, int(v.info), v.aux)
		default:
			f.emitABC(bytecode.TSETV, r, int(v.info), int(v.aux))
		}
	}
	f.releaseExpr(e)
}

// method turns the object e into the base of a call of its method.
func (f *function) method(e *expr, id nameID) {
	obj := f.toAnyReg(e)
	f.releaseExpr(e)
	base := f.freeReg
	k := f.constString(id)
	if f.near(k) {
		f.reserve(3)
		f.emitNear(bytecode.SELF, base, obj, k)
	} else {
		f.reserve(3)
		f.emitABC(bytecode.MOV, base+2, obj, 0)
		f.emitABC(bytecode.TGETV, base, base+2, f.loadFar(k))
	}
	*e = expr{kind: exprReg, info: int32(base)}
}
