package bytecode

import (
	"fmt"
	"strconv"
	"strings"
)

// String disassembles the function and, after it, its children, for people and
// tests. Each function begins with a line
//
//	function FIRST-LAST params N[+] frame N upvals NAME=r3,NAME=u0
//
// (+ for variable arguments; r: a register of the enclosing function, u: an
// upvalue of it), and each instruction is
//
//	INDEX LINE OP OPERANDS
//
// with constants shown by value and jumps as -> INDEX.
func (p *Proto) String() string {
	var b strings.Builder
	p.dis(&b)
	return b.String()
}

func (p *Proto) dis(b *strings.Builder) {
	fmt.Fprintf(b, "function %d-%d params %d", p.FirstLine, p.LastLine, p.NumParams)
	if p.Vararg {
		b.WriteByte('+')
	}
	fmt.Fprintf(b, " frame %d", p.FrameSize)
	for i, u := range p.Upvals {
		if i == 0 {
			b.WriteString(" upvals ")
		} else {
			b.WriteByte(',')
		}
		from := 'u'
		if u.FromLocal {
			from = 'r'
		}
		fmt.Fprintf(b, "%s=%c%d", u.Name, from, u.Index)
	}
	b.WriteByte('\n')
	for pc := range p.Code {
		line := int32(0)
		if pc < len(p.Lines) {
			line = p.Lines[pc]
		}
		fmt.Fprintf(b, "%d %d %s\n", pc, line, p.Dis(pc))
	}
	for _, k := range p.Consts {
		if k.Kind == KProto && k.Proto != nil {
			k.Proto.dis(b)
		}
	}
}

// Dis disassembles the instruction at index pc. It accepts any word.
func (p *Proto) Dis(pc int) string {
	i := p.Code[pc]
	if i.Op() >= NumOps {
		return fmt.Sprintf("? %#x", uint64(i))
	}
	info := &Ops[i.Op()]
	s := info.Name
	if info.A != ModeNone {
		s += operand(info.A, i.A())
	}
	if info.B == ModeImm {
		s += " " + strconv.Itoa(int(i.Imm()))
	} else {
		if info.B != ModeNone {
			s += operand(info.B, i.B())
		}
		if info.C != ModeNone {
			s += operand(info.C, i.C())
		}
	}
	d := int(i.D())
	if info.Split {
		d = i.K()
	}
	switch info.D {
	case ModeNone:
	case ModeJump:
		s += " -> " + strconv.Itoa(pc+1+d)
	case ModeNumK, ModeStrK, ModeAnyK, ModeProtoK:
		s += " " + p.constText(d-pc-2)
	default:
		s += operand(info.D, d)
	}
	switch i.Op() {
	case ISEQS, ISNES:
		s += " -> " + strconv.Itoa(pc+1+i.J())
	}
	return s
}

func operand(m Mode, v int) string {
	switch m {
	case ModeDst, ModeReg, ModeBase:
		return " r" + strconv.Itoa(v)
	case ModeUpval:
		return " u" + strconv.Itoa(v)
	case ModePri:
		switch v {
		case PriNil:
			return " nil"
		case PriTrue:
			return " true"
		case PriFalse:
			return " false"
		}
	}
	return " " + strconv.Itoa(v)
}

func (p *Proto) constText(k int) string {
	if k < 0 || k >= len(p.Consts) {
		return "K?" + strconv.Itoa(k)
	}
	switch c := &p.Consts[k]; c.Kind {
	case KNumber:
		return strconv.FormatFloat(c.Num, 'g', -1, 64)
	case KString:
		return strconv.Quote(c.Str)
	case KProto:
		return fmt.Sprintf("function@%d", c.Proto.FirstLine)
	case KNil:
		return "nil"
	case KTrue:
		return "true"
	case KFalse:
		return "false"
	}
	return "K?" + strconv.Itoa(k)
}
