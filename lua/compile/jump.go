package compile

import (
	"math"

	"moonring/lua/bytecode"
)

// jumps is a list of jump instructions that lead to the same, not yet known
// place. The instructions are linked through insInfo.link; head and tail are
// positions + 1, so that the zero value is the empty list and two lists are
// joined in constant time.
type jumps struct{ head, tail int32 }

func oneJump(pc int32) jumps { return jumps{pc + 1, pc + 1} }

func (f *function) join(a, b jumps) jumps {
	switch {
	case a.head == 0:
		return b
	case b.head == 0:
		return a
	}
	f.info[a.tail-1].link = b.head
	return jumps{a.head, b.tail}
}

// inverse maps each conditional jump to its opposite, and others to 0.
var inverse = func() (t [bytecode.NumOps]bytecode.Op) {
	for _, p := range [...][2]bytecode.Op{
		{bytecode.IST, bytecode.ISF}, {bytecode.ISTC, bytecode.ISFC},
		{bytecode.ISLT, bytecode.ISNLT}, {bytecode.ISLE, bytecode.ISNLE},
		{bytecode.ISEQ, bytecode.ISNE},
		{bytecode.ISLTI, bytecode.ISNLTI}, {bytecode.ISLEI, bytecode.ISNLEI},
		{bytecode.ISGTI, bytecode.ISNGTI}, {bytecode.ISGEI, bytecode.ISNGEI},
		{bytecode.ISEQI, bytecode.ISNEI}, {bytecode.ISEQS, bytecode.ISNES},
		{bytecode.ISEQP, bytecode.ISNEP},
	} {
		t[p[0]], t[p[1]] = p[1], p[0]
	}
	return
}()

// invert turns the condition of the jump at pc round.
func (f *function) invert(pc int32) { f.setOp(pc, inverse[f.code[pc].Op()]) }

// emitTest emits a fused test, a jump whose target is open.
func (f *function) emitTest(i bytecode.Instr) int32 {
	pc := f.emit(i)
	f.extra-- // LuaJIT has a JMP of its own after the test
	f.info[pc].extra--
	return pc
}

// emitJump emits an unconditional jump and returns it together with all jumps
// that would have led to it. A preceding UCLO does the jump if there is one.
func (f *function) emitJump() jumps {
	list := f.pending
	f.pending = jumps{}
	pc := f.pc() - 1
	if pc >= 0 && pc >= f.lastTarget && f.code[pc].Op() == bytecode.UCLO {
		f.info[pc].link = 0
		f.lastTarget = pc + 1
	} else {
		pc = f.emitABC(bytecode.JMP, 0, 0, 0)
	}
	return f.join(oneJump(pc), list)
}

// loadBefore tells if the jump at pc is the JMP behind a constant that stands
// for the value of its expression, and whose register is still open.
func (f *function) loadBefore(pc int32) bool {
	if pc == 0 || f.code[pc].Op() != bytecode.JMP || f.code[pc-1].A() != noReg {
		return false
	}
	switch f.code[pc-1].Op() {
	case bytecode.LOADK, bytecode.LOADI, bytecode.LOADPRI:
		return true
	}
	return false
}

// lacksValue tells if some jump of the list doesn't bring a value along.
func (f *function) lacksValue(list jumps) bool {
	for p := list.head; p != 0; p = f.info[p-1].link {
		switch f.code[p-1].Op() {
		case bytecode.ISTC, bytecode.ISFC:
		default:
			if !f.loadBefore(p - 1) {
				return true
			}
		}
	}
	return false
}

// setValueReg makes the jump at pc leave its value in reg, or drop it if that
// is noReg. It returns false if the jump has no value.
func (f *function) setValueReg(pc int32, reg int) bool {
	switch i := f.code[pc]; i.Op() {
	case bytecode.ISTC, bytecode.ISFC:
		if reg != noReg && reg != i.B() {
			f.setA(pc, reg)
			return true
		}
		op := bytecode.IST // nothing to move
		if i.Op() == bytecode.ISFC {
			op = bytecode.ISF
		}
		f.code[pc] = bytecode.ABC(op, i.B(), 0, 0)
		return true
	}
	if f.loadBefore(pc) {
		if reg != noReg {
			f.setA(pc-1, reg)
		} else {
			f.code[pc-1] = bytecode.ABC(bytecode.JMP, 0, 0, 0) // to the JMP
		}
		return true
	}
	return false
}

// dropValues drops the values of all jumps in the list.
func (f *function) dropValues(list jumps) {
	for p := list.head; p != 0; p = f.info[p-1].link {
		f.setValueReg(p-1, noReg)
	}
}

// maxJump is the largest jump, in instructions of LuaJIT.
const maxJump = bytecode.MaxJump - 1

// errWide is raised when a jump doesn't fit into the half word it has in a
// comparison with a string constant.
type errWide struct{}

// setTarget makes the instruction at pc jump to dest.
func (f *function) setTarget(pc, dest int32) {
	off := dest - (pc + 1)
	extra := f.extra
	if dest < f.pc() {
		extra = f.info[dest].extra
	}
	if n := off - (extra - f.info[pc].extra); n > maxJump || n < -maxJump-1 {
		f.c.failSyntax(msgJump)
	}
	f.setOffset(pc, off)
}

func (f *function) setOffset(pc, off int32) {
	i := f.code[pc]
	if bytecode.Ops[i.Op()].Split {
		if off > math.MaxInt16 {
			panic(errWide{})
		}
		f.code[pc] = i.WithJ(int(off))
	} else {
		f.code[pc] = i.WithD(off)
	}
}

// patchValue makes the jumps with a value leave it in reg and lead to
// withValue, and the others lead to without.
func (f *function) patchValue(list jumps, withValue int32, reg int, without int32) {
	for p := list.head; p != 0; {
		pc := p - 1
		p = f.info[pc].link
		f.info[pc].link = 0
		if f.setValueReg(pc, reg) {
			f.setTarget(pc, withValue)
		} else {
			f.setTarget(pc, without)
		}
	}
}

// toHere makes the jumps lead to the instruction emitted next.
func (f *function) toHere(list jumps) {
	if list.head != 0 {
		f.lastTarget = f.pc()
		f.pending = f.join(f.pending, list)
	}
}
