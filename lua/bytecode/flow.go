package bytecode

import (
	"errors"
	"fmt"
	"sort"
)

// What the VM relies on beyond single instructions, checked by following all
// ways through a function:
//
//   - A register is read only where it holds a value of this activation. What
//     is left from others may be a call's link word or no longer alive.
//   - The three hidden registers of a generic for hold what ITERP put there:
//     nothing else writes, reads or captures them.
//   - An open list of values (MULTRES) is used by the instruction after the one
//     that made it, at the place where it lies; TSETM's target is a table.
//   - No variable that a closure has captured lies where a call builds its
//     frame, and none is open when the function returns.
//   - Neither does a variable that package debug can find by its name.

// regSet is a set of registers.
type regSet [4]uint64

func (s *regSet) has(r int) bool { return s[r>>6]>>(r&63)&1 != 0 }
func (s *regSet) add(r int)      { s[r>>6] |= 1 << (r & 63) }
func (s *regSet) remove(r int)   { s[r>>6] &^= 1 << (r & 63) }

// from is the set of all registers from r on.
func from(r int) (s regSet) {
	for i := range s {
		switch lo := i * 64; {
		case r <= lo:
			s[i] = ^uint64(0)
		case r < lo+64:
			s[i] = ^uint64(0) << (r - lo)
		}
	}
	return s
}

func (s *regSet) minus(t *regSet) {
	for i := range s {
		s[i] &^= t[i]
	}
}

func (s *regSet) meets(t *regSet) bool {
	return (s[0]&t[0])|(s[1]&t[1])|(s[2]&t[2])|(s[3]&t[3]) != 0
}

// flow is what is known about the registers in front of an instruction.
type flow struct {
	value           regSet // hold a value that scripts may see
	table           regSet // of these: hold the table of a constructor
	gen, state, ctl regSet // hold the hidden parts of a generic for
	open            regSet // may be captured by a closure
	multres         int    // register where an open list begins, -1 without
}

// join weakens f to what also holds for g, and tells if that changed it.
func (f *flow) join(g *flow) bool {
	old := *f
	for i := range f.value {
		f.value[i] &= g.value[i]
		f.table[i] &= g.table[i]
		f.gen[i] &= g.gen[i]
		f.state[i] &= g.state[i]
		f.ctl[i] &= g.ctl[i]
		f.open[i] |= g.open[i]
	}
	if f.multres != g.multres {
		f.multres = -1
	}
	return *f != old
}

// forget makes the registers of s unknown.
func (f *flow) forget(s regSet) {
	f.value.minus(&s)
	f.table.minus(&s)
	f.gen.minus(&s)
	f.state.minus(&s)
	f.ctl.minus(&s)
}

// write notes that registers first to last receive values.
func (f *flow) write(first, last int) {
	for r := first; r <= last; r++ {
		f.gen.remove(r)
		f.state.remove(r)
		f.ctl.remove(r)
		f.table.remove(r)
		f.value.add(r)
	}
}

// reads tells if all of first to last hold values.
func (f *flow) reads(first, last int) bool {
	for r := first; r <= last; r++ {
		if !f.value.has(r) {
			return false
		}
	}
	return true
}

var (
	errUnset   = errors.New("a register is read that may hold no value")
	errHidden  = errors.New("not the registers of a loop")
	errMultres = errors.New("no open list of values there")
	errNoTable = errors.New("no table there")
	errOpen    = errors.New("a captured variable is in the way")
	errNamed   = errors.New("a named variable is in the way")
	errFlow    = errors.New("too many ways through the function")
)

// flowSweepsMax bounds the work on what no compiler makes. Compiled code needs
// two or three.
const flowSweepsMax = 64

// verifyFlow checks p, whose single instructions are right.
func (p *Proto) verifyFlow() error {
	v := flowCheck{p: p, in: make([]*flow, len(p.Code)), target: make([]bool, len(p.Code))}
	for pc := range p.Code {
		if to := p.jumpTarget(pc); to >= 0 {
			v.target[to] = true
		}
	}
	v.ends = make([]int, len(p.LocVars))
	for i := range v.ends {
		v.ends[i] = i
	}
	sort.Slice(v.ends, func(a, b int) bool { return p.LocVars[v.ends[a]].End < p.LocVars[v.ends[b]].End })
	for range flowSweepsMax {
		again, err := v.sweep()
		if err != nil || !again {
			return err
		}
	}
	return fmt.Errorf("function at line %d: %w", p.FirstLine, errFlow)
}

// jumpTarget is where the instruction at pc may jump to, or -1.
func (p *Proto) jumpTarget(pc int) int {
	i := p.Code[pc]
	switch op := i.Op(); {
	case op == ISEQS || op == ISNES:
		return pc + 1 + i.J()
	case Ops[op].D == ModeJump:
		return pc + 1 + int(i.D())
	}
	return -1
}

type flowCheck struct {
	p      *Proto
	target []bool
	in     []*flow // known so far in front of a jump's target; nil: not reached
	ends   []int   // local variables by their end
	back   bool    // something new in front of an earlier instruction
}

// sweep goes through the function once. Forward jumps are settled by that;
// again tells that a backward one brought something new.
func (v *flowCheck) sweep() (again bool, err error) {
	v.back = false
	p := v.p
	cur := flow{multres: -1}
	cur.write(0, int(p.NumParams)-1)
	live := true
	var named, hidden regSet // registers of variables with a name; of these: a loop's own
	start, end := 0, 0
	for pc := range p.Code {
		for ; end < len(v.ends) && int(p.LocVars[v.ends[end]].End) <= pc; end++ {
			if l := &p.LocVars[v.ends[end]]; l.Start < l.End {
				named.remove(int(l.Reg))
				hidden.remove(int(l.Reg))
			}
		}
		for ; start < len(p.LocVars) && int(p.LocVars[start].Start) <= pc; start++ {
			l := &p.LocVars[start]
			if l.Start == l.End {
				continue
			}
			if named.has(int(l.Reg)) {
				return false, fmt.Errorf("function at line %d: two local variables in register %d", p.FirstLine, l.Reg)
			}
			named.add(int(l.Reg))
			if HiddenName(l.Name) {
				hidden.add(int(l.Reg))
			}
		}
		if v.target[pc] {
			if live {
				v.arrive(pc, &cur)
			}
			if live = v.in[pc] != nil; live {
				cur = *v.in[pc]
			}
		}
		if !live {
			continue
		}
		cur.table.minus(&named) // what others can write may be anything
		cur.table.minus(&cur.open)
		if live, err = v.step(pc, &cur, &named, &hidden); err != nil {
			return false, fmt.Errorf("function at line %d, instruction %d (%s): %w", p.FirstLine, pc, p.Dis(pc), err)
		}
	}
	return v.back, nil
}

// HiddenName tells if a local variable of that name belongs to a generic for,
// which relies on its value.
func HiddenName(name string) bool {
	return name == "(for generator)" || name == "(for state)" || name == "(for control)"
}

// arrive notes that control can reach the jump target pc with f.
func (v *flowCheck) arrive(pc int, f *flow) (changed bool) {
	if v.in[pc] == nil {
		g := *f
		v.in[pc] = &g
		return true
	}
	return v.in[pc].join(f)
}

// jump notes that control can go from pc to its target with f.
func (v *flowCheck) jump(pc int, f *flow) {
	to := v.p.jumpTarget(pc)
	if v.arrive(to, f) && to <= pc {
		v.back = true
	}
}

// step checks the instruction at pc and makes f what holds behind it; live
// tells if control can go on there.
func (v *flowCheck) step(pc int, f *flow, named, hidden *regSet) (live bool, err error) {
	p := v.p
	i := p.Code[pc]
	op, a, b, c, d := i.Op(), i.A(), i.B(), i.C(), int(i.D())
	info := &Ops[op]
	// At a label that ends a block a way may arrive in front of which the block's variables were not made.
	if op != JMP && op != UCLO && op != RET0 {
		for w := range named {
			inLoop := f.gen[w] | f.state[w] | f.ctl[w]
			if named[w]&^(f.value[w]|inLoop) != 0 || named[w]&inLoop&^hidden[w] != 0 {
				return false, errNamed
			}
		}
	}
	if info.A == ModeReg && !f.reads(a, a) || info.B == ModeReg && !f.reads(b, b) || info.C == ModeReg && !f.reads(c, c) {
		return false, errUnset
	}
	multres := f.multres
	f.multres = -1
	// callAt is the check for a frame that is built from register r on.
	callAt := func(r int) error {
		above := from(r)
		switch {
		case f.open.meets(&above):
			return errOpen
		case named.meets(&above):
			return errNamed
		}
		return nil
	}
	// results notes those of a call or VARG; a call spoils what is above.
	results := func() {
		f.forget(from(a))
		if b == 0 {
			f.multres = a
		} else {
			f.write(a, a+b-2)
		}
	}
	switch op {
	case LOADNIL:
		f.write(a, b)
	case TNEW:
		f.write(a, a)
		f.table.add(a)
	case CLOSURE:
		k := p.Consts[d-pc-2].Proto
		for _, u := range k.Upvals {
			if !u.FromLocal {
				continue
			}
			if r := int(u.Index); r != a && !f.value.has(r) {
				return false, errUnset
			}
			f.open.add(int(u.Index))
		}
		f.write(a, a)
	case UCLO:
		above := from(a)
		f.open.minus(&above)
		v.jump(pc, f)
		return false, nil
	case JMP, LOOP:
		v.jump(pc, f)
		return false, nil
	case SELF:
		f.write(a, a+2)
		f.forget(only(a + 1))
	case CAT:
		if !f.reads(b, c) {
			return false, errUnset
		}
		f.write(a, a)
	case TSETM:
		if multres != a {
			return false, errMultres
		}
		if !f.table.has(a - 1) {
			return false, errNoTable
		}
	case CALL, CALLM, CALLT, CALLMT:
		last := a + c
		if op == CALLM || op == CALLMT {
			if last++; multres != last+1 {
				return false, errMultres
			}
		}
		if !f.reads(a, a) || !f.reads(a+2, last) {
			return false, errUnset
		}
		if op == CALLT || op == CALLMT {
			return false, f.leaves(b)
		}
		if err := callAt(a); err != nil {
			return false, err
		}
		results()
	case VARG:
		if b == 0 {
			results()
		} else {
			f.write(a, a+b-2)
		}
	case RET, RETM:
		if op == RETM && multres != a+d {
			return false, errMultres
		}
		if !f.reads(a, a+d-1) {
			return false, errUnset
		}
		return false, f.leaves(b)
	case RET0, RET1:
		return false, f.leaves(b)
	case FORI:
		if !f.reads(a, a+2) {
			return false, errUnset
		}
		f.write(a, a+2)
		v.jump(pc, f)
		f.write(a+3, a+3)
	case FORL, FORLP:
		if !f.reads(a, a+2) {
			return false, errUnset
		}
		g := *f
		g.write(a+3, a+3)
		v.jump(pc, &g)
	case ITERP:
		if !f.reads(a, a+2) {
			return false, errUnset
		}
		if above := from(a); f.open.meets(&above) {
			return false, errOpen
		}
		for r := a; r <= a+2; r++ {
			f.forget(only(r))
		}
		f.gen.add(a)
		f.state.add(a + 1)
		f.ctl.add(a + 2)
		v.jump(pc, f)
		return false, nil
	case ITERC:
		if !f.gen.has(a) || !f.state.has(a+1) || !f.ctl.has(a+2) {
			return false, errHidden
		}
		if err := callAt(a + 3); err != nil {
			return false, err
		}
		f.forget(from(a + 3))
		f.write(a+3, a+3+b-2)
	case ITERL:
		if !f.gen.has(a) || !f.state.has(a+1) || !f.ctl.has(a+2) {
			return false, errHidden
		}
		if !f.reads(a+3, a+3) {
			return false, errUnset
		}
		v.jump(pc, f)
		f.forget(from(a + 3)) // a recognised loop ends without having set them
	case ISTC, ISFC:
		g := *f
		g.write(a, a)
		v.jump(pc, &g)
	default:
		if info.A == ModeDst {
			f.write(a, a)
		}
		if p.jumpTarget(pc) >= 0 {
			v.jump(pc, f)
		}
	}
	return true, nil
}

// only is the set of one register.
func only(r int) (s regSet) {
	s.add(r)
	return s
}

// leaves checks the end of the function: without its close flag no captured
// variable may be left.
func (f *flow) leaves(closes int) error {
	if closes == 0 && f.open != (regSet{}) {
		return errOpen
	}
	return nil
}
