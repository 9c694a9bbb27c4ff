package bytecode

import (
	"errors"
	"fmt"
)

// Verify checks a function and its children against what the VM relies on:
// operands in their bounds (registers below FrameSize, constants that exist and
// are of the right kind, upvalues), jumps that land on an instruction and go
// back only in LOOP, FORL, FORLP and ITERL, the pairs ITERC ITERL, and an end
// that control can't run past. Then it follows the flow of values (flow.go).
func Verify(p *Proto) error {
	if p.FrameSize > MaxRegs || p.NumParams > p.FrameSize {
		return fmt.Errorf("frame of %d registers, %d parameters", p.FrameSize, p.NumParams)
	}
	if len(p.Upvals) > MaxUpvalues {
		return fmt.Errorf("%d upvalues", len(p.Upvals))
	}
	if len(p.Code) == 0 || len(p.Lines) != len(p.Code) {
		return fmt.Errorf("%d instructions, %d lines", len(p.Code), len(p.Lines))
	}
	hasChild := false
	for pc := range p.Code {
		if err := p.verify(pc); err != nil {
			text := "?"
			if p.Code[pc].Op() < NumOps {
				text = p.Dis(pc)
			}
			return fmt.Errorf("function at line %d, instruction %d (%s): %w", p.FirstLine, pc, text, err)
		}
		hasChild = hasChild || p.Code[pc].Op() == CLOSURE
	}
	if hasChild != p.HasChild {
		return fmt.Errorf("function at line %d: HasChild is %v", p.FirstLine, p.HasChild)
	}
	if !p.ends(len(p.Code) - 1) {
		return fmt.Errorf("function at line %d: control runs past the end", p.FirstLine)
	}
	start := int32(0)
	for _, v := range p.LocVars {
		if v.Start < start || v.End < v.Start || int(v.End) > len(p.Code) || v.Reg >= p.FrameSize {
			return fmt.Errorf("function at line %d: local variable %q in register %d from %d to %d",
				p.FirstLine, v.Name, v.Reg, v.Start, v.End)
		}
		start = v.Start
	}
	if err := p.verifyFlow(); err != nil {
		return err
	}
	for i := range p.Consts {
		k := &p.Consts[i]
		if k.Kind != KProto {
			continue
		}
		for _, u := range k.Proto.Upvals {
			if u.FromLocal && u.Index >= p.FrameSize || !u.FromLocal && int(u.Index) >= len(p.Upvals) {
				return fmt.Errorf("function at line %d: upvalue %q of a child is no variable", p.FirstLine, u.Name)
			}
		}
		if err := Verify(k.Proto); err != nil {
			return err
		}
	}
	return nil
}

// ends tells if control never goes on to the instruction after pc.
func (p *Proto) ends(pc int) bool {
	switch p.Code[pc].Op() {
	case CALLT, CALLMT, RET, RETM, RET0, RET1, JMP, LOOP, UCLO:
		return true
	}
	return false
}

var (
	errRegister = errors.New("register out of the frame")
	errOperand  = errors.New("operand out of bounds")
	errConst    = errors.New("no such constant")
	errJump     = errors.New("jump to a wrong place")
)

func (p *Proto) verify(pc int) error {
	i := p.Code[pc]
	if i.Op() >= NumOps {
		return errors.New("no such operation")
	}
	info := &Ops[i.Op()]
	operands := [...]struct {
		mode Mode
		v    int
	}{{info.A, i.A()}, {info.B, i.B()}, {info.C, i.C()}}
	for _, o := range operands {
		switch o.mode {
		case ModeDst, ModeReg, ModeBase:
			if o.v >= int(p.FrameSize) {
				return errRegister
			}
		case ModeUpval:
			if o.v >= len(p.Upvals) {
				return errOperand
			}
		case ModePri:
			if o.v > PriFalse {
				return errOperand
			}
		}
	}
	d := int(i.D())
	if info.Split {
		d = i.K()
	}
	k := d - pc - 2
	switch info.D {
	case ModeJump:
		if err := p.verifyJump(pc, d); err != nil {
			return err
		}
	case ModeNumK, ModeStrK, ModeAnyK, ModeProtoK:
		if k < 0 || k >= len(p.Consts) || !info.D.admits(p.Consts[k].Kind) {
			return errConst
		}
	}
	return p.verifyRange(pc, i)
}

func (m Mode) admits(k ConstKind) bool {
	switch m {
	case ModeNumK:
		return k == KNumber
	case ModeStrK:
		return k == KString
	case ModeProtoK:
		return k == KProto
	}
	return k != KProto
}

func (p *Proto) verifyJump(pc, d int) error {
	to := pc + 1 + d
	if to < 0 || to >= len(p.Code) {
		return errJump
	}
	switch op := p.Code[pc].Op(); op {
	case LOOP, FORL, FORLP, ITERL:
		if d >= 0 {
			return errJump
		}
		want := FORI
		switch op {
		case LOOP:
			return nil
		case ITERL:
			want = ITERP
		}
		if to == 0 || p.Code[to-1].Op() != want || p.Code[to-1].A() != p.Code[pc].A() {
			return errJump
		}
	default:
		if d < 0 {
			return errJump
		}
	}
	return nil
}

// verifyRange checks ranges of registers and what else is particular to one operation.
func (p *Proto) verifyRange(pc int, i Instr) error {
	a, b, c, d := i.A(), i.B(), i.C(), int(i.D())
	first, last := a, a // registers that must exist
	switch i.Op() {
	case LOADNIL:
		last = b
		if b < a {
			return errOperand
		}
	case CAT:
		if c <= b {
			return errOperand
		}
	case TGETI, TSETI:
		if d < 0 {
			return errOperand
		}
	case TNEW:
		if d < 0 || d > MaxTableHint || b > 26 {
			return errOperand
		}
	case TSETM:
		first = a - 1
		if d < 0 {
			return errOperand
		}
	case SELF:
		last = a + 2
	case CALL:
		last = max(a+1, a+c, a+b-2)
		if c < 1 {
			return errOperand
		}
	case CALLM:
		last = max(a+1, a+1+c, a+b-2)
	case CALLT:
		last = a + c
		if c < 1 || b > 1 {
			return errOperand
		}
		last = max(a+1, last)
	case CALLMT:
		last = a + 1 + c
		if b > 1 {
			return errOperand
		}
	case VARG:
		last = max(a, a+b-2)
		if !p.Vararg {
			return errors.New("no variable arguments")
		}
	case RET, RETM:
		if d < 0 || d > MaxRegs || b > 1 {
			return errOperand
		}
		last = a + d - 1
	case RET0, RET1:
		if b > 1 {
			return errOperand
		}
	case FORI:
		last = a + 3
		to := pc + d // the loop's end is in front of the target
		if op := p.Code[to].Op(); op != FORL && op != FORLP || to == pc {
			return errJump
		}
	case FORL, FORLP:
		last = a + 3
	case ITERP:
		last = a + 6
		if to := pc + 1 + d; to+1 >= len(p.Code) || p.Code[to].Op() != ITERC || p.Code[to+1].Op() != ITERL {
			return errJump
		}
	case ITERC:
		last = max(a+6, a+3+b-2)
		if b < 2 || pc+1 >= len(p.Code) || p.Code[pc+1].Op() != ITERL || p.Code[pc+1].A() != a {
			return errOperand
		}
	case ITERL:
		if pc == 0 || p.Code[pc-1].Op() != ITERC {
			return errOperand
		}
	case ISEQS, ISNES:
		return p.verifyJump(pc, i.J())
	default:
		return nil
	}
	switch i.Op() {
	case CAT, TGETI, TSETI, TNEW, RET0, RET1:
		return nil
	}
	if first < 0 || last >= int(p.FrameSize) {
		return errRegister
	}
	return nil
}
