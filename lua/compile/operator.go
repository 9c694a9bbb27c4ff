package compile

import (
	"math"

	"moonring/lua/bytecode"
)

// binaryOp is a binary operator. The arithmetic ones come in the order of the
// operations ADDVV, ADDVK and ADDKV.
type binaryOp uint8

const (
	opAdd binaryOp = iota
	opSub
	opMul
	opDiv
	opMod
	opPow
	opConcat
	opNe
	opEq
	opLt
	opGe
	opLe
	opGt
	opAnd
	opOr
	opNone
)

// priority of an operator to its left and to its right.
var priority = [...]struct{ left, right uint8 }{
	opAdd: {6, 6}, opSub: {6, 6}, opMul: {7, 7}, opDiv: {7, 7}, opMod: {7, 7},
	opPow: {10, 9}, opConcat: {5, 4}, // these associate to the right
	opNe: {3, 3}, opEq: {3, 3}, opLt: {3, 3}, opGe: {3, 3}, opLe: {3, 3}, opGt: {3, 3},
	opAnd: {2, 2}, opOr: {1, 1},
}

const unaryPriority = 8

func binaryOf(t token) binaryOp {
	switch t {
	case '+':
		return opAdd
	case '-':
		return opSub
	case '*':
		return opMul
	case '/':
		return opDiv
	case '%':
		return opMod
	case '^':
		return opPow
	case tokConcat:
		return opConcat
	case tokNe:
		return opNe
	case tokEq:
		return opEq
	case '<':
		return opLt
	case tokLe:
		return opLe
	case '>':
		return opGt
	case tokGe:
		return opGe
	case tokAnd:
		return opAnd
	case tokOr:
		return opOr
	}
	return opNone
}

// fold computes a op b if that can be done now: the result must be neither a
// NaN nor -0, which aren't constants, and what is computed here must be the
// very value that the VM would compute.
func fold(op binaryOp, a, b float64) (float64, bool) {
	var r float64
	switch op {
	case opAdd:
		r = a + b
	case opSub:
		r = a - b
	case opMul:
		r = a * b
	case opDiv:
		r = a / b
	case opMod:
		r = a - float64(math.Floor(a/b)*b)
	case opPow:
		return foldPow(a, b)
	}
	if r != r || r == 0 && math.Signbit(r) {
		return 0, false
	}
	return r, true
}

// foldPow folds powers of integers whose results are exact, as any pow
// computes them. The others are left to the VM's.
func foldPow(a, b float64) (float64, bool) {
	if a != math.Trunc(a) || b != math.Trunc(b) || b < 0 || b > 1023 || math.Abs(a) > 1<<53 {
		return 0, false
	}
	if a == 2 {
		return math.Ldexp(1, int(b)), true
	}
	if a == 0 || b > 53 {
		return 0, false
	}
	r := 1.0
	for ; b > 0; b-- {
		r *= a
		if math.Abs(r) > 1<<53 {
			return 0, false
		}
	}
	return r, true
}

// unaryNot turns e into its negation.
func (f *function) unaryNot(e *expr) {
	e.t, e.f = e.f, e.t
	f.dropValues(e.f)
	f.dropValues(e.t)
	f.discharge(e)
	switch e.kind {
	case exprNil, exprFalse:
		e.kind = exprTrue
		return
	case exprTrue, exprString, exprNumber:
		e.kind = exprFalse
		return
	case exprJump:
		f.invert(e.info)
		return
	case exprReloc:
		f.reserve(1)
		f.setA(e.info, f.freeReg-1)
		e.info = int32(f.freeReg - 1)
		e.kind = exprReg
	}
	f.unaryEmit(bytecode.NOT, e)
}

// unaryMinus negates e.
func (f *function) unaryMinus(e *expr) {
	if e.isPlainNumber() && e.num != 0 { // -0 is no constant
		e.num = -e.num
		return
	}
	f.toAnyReg(e)
	f.unaryEmit(bytecode.UNM, e)
}

// unaryLen turns e into its length.
func (f *function) unaryLen(e *expr) {
	f.toAnyReg(e)
	f.unaryEmit(bytecode.LEN, e)
}

func (f *function) unaryEmit(op bytecode.Op, e *expr) {
	f.releaseExpr(e)
	e.info = f.emitABC(op, 0, int(e.info), 0)
	e.kind = exprReloc
}

// binaryLeft prepares the left operand before the right one is read.
func (f *function) binaryLeft(op binaryOp, e *expr) {
	switch op {
	case opAnd:
		f.jumpIfFalse(e)
	case opOr:
		f.jumpIfTrue(e)
	case opConcat:
		f.toNextReg(e)
	case opEq, opNe:
		if !e.isPlainConst() {
			f.toAnyReg(e)
		}
	default:
		if !e.isPlainNumber() {
			f.toAnyReg(e)
		}
	}
}

// binary turns a into a op b.
func (f *function) binary(op binaryOp, a, b *expr) {
	switch op {
	case opAnd:
		f.discharge(b)
		b.f = f.join(b.f, a.f)
		*a = *b
	case opOr:
		f.discharge(b)
		b.t = f.join(b.t, a.t)
		*a = *b
	case opConcat:
		f.concat(a, b)
	case opEq, opNe:
		f.equality(op, a, b)
	case opLt, opLe, opGt, opGe:
		f.order(op, a, b)
	default:
		f.arith(op, a, b)
	}
}

func (f *function) concat(a, b *expr) {
	f.toValue(b)
	if b.kind == exprReloc && f.code[b.info].Op() == bytecode.CAT {
		f.releaseExpr(a)
		f.setB(b.info, int(a.info)) // one CAT for the whole chain
		a.info = b.info
	} else {
		f.toNextReg(b)
		f.releaseExpr(b)
		f.releaseExpr(a)
		a.info = f.emitABC(bytecode.CAT, 0, int(a.info), int(b.info))
	}
	a.kind = exprReloc
}

// releaseBoth releases the registers of two operands, whichever came first.
func (f *function) releaseBoth(a, b *expr) {
	f.releaseExpr(a)
	f.releaseExpr(b)
}

func (f *function) arith(op binaryOp, a, b *expr) {
	if a.isPlainNumber() && b.isPlainNumber() {
		if r, ok := fold(op, a.num, b.num); ok {
			a.num = r
			return
		}
	}
	// The right operand first: it may be the younger one to free registers.
	f.toValue(b)
	var ins int32
	switch {
	case b.kind == exprNumber:
		ra := f.toAnyReg(a)
		ins = f.emitConst(bytecode.ADDVK+bytecode.Op(op), 0, ra, f.constNumber(b.num))
	case a.isPlainNumber():
		rb := f.toAnyReg(b)
		ins = f.emitConst(bytecode.ADDKV+bytecode.Op(op), 0, rb, f.constNumber(a.num))
	default:
		rb := f.toAnyReg(b)
		ra := f.toAnyReg(a)
		ins = f.emitABC(bytecode.ADDVV+bytecode.Op(op), 0, ra, rb)
	}
	f.releaseBoth(a, b)
	a.info = ins
	a.kind = exprReloc
}

// setJump makes a the result of a comparison just emitted.
func (a *expr) setJump(pc int32) { *a = expr{kind: exprJump, info: pc} }

func asInt16(e *expr) (int16, bool) {
	if e.kind != exprNumber || e.num < math.MinInt16 || e.num > math.MaxInt16 {
		return 0, false
	}
	i := int16(e.num)
	return i, float64(i) == e.num
}

func (f *function) equality(op binaryOp, a, b *expr) {
	f.toValue(a)
	x, y := a, b // y may be a constant
	if a.isConst() {
		x, y = b, a
	}
	rx := f.toAnyReg(x)
	f.toValue(y)
	not := bytecode.Op(0)
	if op == opNe {
		not = 1 // each inequality follows its equality
	}
	var i bytecode.Instr
	switch y.kind {
	case exprNil, exprFalse, exprTrue:
		i = bytecode.ABC(bytecode.ISEQP+not, rx, y.primitive(), 0)
	case exprString:
		k := f.constString(y.id)
		if f.near(k) && !f.c.wide {
			i = bytecode.AKJ(bytecode.ISEQS+not, rx, 0, bytecode.KDist(len(f.code), int(k)), 0)
		} else {
			i = bytecode.ABC(bytecode.ISEQ+not, rx, f.toAnyReg(y), 0)
		}
	default:
		if n, ok := asInt16(y); ok {
			i = bytecode.AIJ(bytecode.ISEQI+not, rx, n, 0)
		} else {
			i = bytecode.ABC(bytecode.ISEQ+not, rx, f.toAnyReg(y), 0)
		}
	}
	f.releaseBoth(x, y)
	a.setJump(f.emitTest(i))
}

func (f *function) order(op binaryOp, a, b *expr) {
	f.toValue(a)
	f.toValue(b)
	var i bytecode.Instr
	if n, ok := asInt16(b); ok {
		ra := f.toAnyReg(a)
		i = bytecode.AIJ([...]bytecode.Op{opLt: bytecode.ISLTI, opLe: bytecode.ISLEI,
			opGt: bytecode.ISGTI, opGe: bytecode.ISGEI}[op], ra, n, 0)
	} else if n, ok := asInt16(a); ok {
		rb := f.toAnyReg(b)
		i = bytecode.AIJ([...]bytecode.Op{opLt: bytecode.ISGTI, opLe: bytecode.ISGEI,
			opGt: bytecode.ISLTI, opGe: bytecode.ISLEI}[op], rb, n, 0)
	} else {
		rb := f.toAnyReg(b)
		ra := f.toAnyReg(a)
		switch op {
		case opLt:
			i = bytecode.ABC(bytecode.ISLT, ra, rb, 0)
		case opLe:
			i = bytecode.ABC(bytecode.ISLE, ra, rb, 0)
		case opGt:
			i = bytecode.ABC(bytecode.ISLT, rb, ra, 0)
		case opGe:
			i = bytecode.ABC(bytecode.ISLE, rb, ra, 0)
		}
	}
	f.releaseBoth(a, b)
	a.setJump(f.emitTest(i))
}
