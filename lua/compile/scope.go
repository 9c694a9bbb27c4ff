package compile

import "moonring/lua/bytecode"

// scope is a block. Local variables from nactive on belong to it or to blocks
// inside it, likewise the gotos and labels from golas on.
type scope struct {
	outer   *scope
	nactive int
	golas   int
	flags   uint8
}

const (
	scopeLoop     = 1 << iota // break leads out of it
	scopeBreak                // it holds a break
	scopeGoto                 // it holds a goto or label
	scopeCaptured             // a variable of it is an upvalue of a child
	scopeNoClose              // its end needs no UCLO
)

// gola is a goto (or break) whose label hasn't been found yet, or a label.
type gola struct {
	name    nameID // 0 for break
	kind    golaKind
	closes  bool  // goto: variables it leaves must be closed
	pc      int32 // goto: its jump; label: where it stands
	line    int32 // of the goto
	list    jumps // goto: its jump and others that were to lead to it
	nactive int32 // active variables, for a goto those of the outermost block it left
	outer   int32 // next older goto or label of the same name, index + 1
}

type golaKind uint8

const (
	golaDone golaKind = iota
	golaGoto
	golaLabel
)

// detour is a jump that can't do alone what it has to: close variables after
// a test, or go back. It leads to instructions behind the function's end.
type detour struct {
	list   jumps
	line   int32
	closes int32 // first register to close, or -1
	dest   int32
}

func (f *function) begin(flags uint8) *scope {
	s := f.c.freeScope
	if s == nil {
		s = &scope{}
	} else {
		f.c.freeScope = s.outer
	}
	*s = scope{outer: f.scope, nactive: f.nactive, golas: len(f.c.golas), flags: flags}
	f.scope = s
	return s
}

// end ends the innermost scope.
func (f *function) end() {
	s := f.scope
	c := f.c
	f.scope = s.outer
	c.deactivate(s.nactive)
	f.freeReg = f.nactive
	if s.flags&(scopeCaptured|scopeNoClose) == scopeCaptured {
		f.emitABC(bytecode.UCLO, s.nactive, 0, 0)
	}
	if s.flags&scopeBreak != 0 && s.flags&scopeLoop != 0 {
		for c.breaks > int32(s.golas) {
			g := &c.golas[c.breaks-1]
			c.breaks = g.outer
			f.resolve(g, f.pc(), f.nactive)
		}
		s.flags &^= scopeBreak
	}
	if s.flags&(scopeBreak|scopeGoto) != 0 {
		f.endGolas(s)
	}
	s.outer = c.freeScope
	c.freeScope = s
}

// endGolas settles what gotos and labels of a scope that has ended are left:
// labels meet the gotos after them, the other gotos go on to the outer scope.
func (f *function) endGolas(s *scope) {
	c := f.c
	for i := s.golas; i < len(c.golas); i++ {
		g := &c.golas[i]
		switch g.kind {
		case golaLabel:
			nm := &c.names.list[g.name]
			nm.label = g.outer
			g.kind = golaDone
			for nm.gotos > int32(i) {
				back := &c.golas[nm.gotos-1]
				nm.gotos = back.outer
				if s.flags&scopeCaptured != 0 && back.nactive > g.nactive {
					back.closes = true
				}
				f.resolve(back, g.pc, int(g.nactive))
			}
		case golaGoto:
			if s.outer == nil {
				c.line = g.line
				if g.name == 0 {
					c.fail(0, msgBreak)
				}
				c.fail(0, msgUndefLabel, c.names.str(g.name))
			}
			if g.name == 0 {
				s.outer.flags |= scopeBreak
			} else {
				s.outer.flags |= scopeGoto
			}
			g.nactive = int32(s.nactive)
			if s.flags&scopeCaptured != 0 {
				g.closes = true
			}
		}
	}
}

// resolve makes the goto g lead to dest, where nactive variables are active.
func (f *function) resolve(g *gola, dest int32, nactive int) {
	g.kind = golaDone
	op := f.code[g.pc].Op()
	plain := op == bytecode.JMP || op == bytecode.UCLO
	back := dest <= g.pc
	switch {
	case !back && !g.closes:
		if op == bytecode.UCLO {
			f.setA(g.pc, nactive)
		}
		f.leadTo(g.list, dest)
	case !back && plain:
		// The jumps that were to lead here do so now, and UCLO closes for all.
		rest := jumps{f.info[g.pc].link, g.list.tail}
		if rest.head != 0 {
			f.info[g.pc].link = 0
			f.patchValue(rest, g.pc, noReg, g.pc)
		}
		f.code[g.pc] = bytecode.ABC(bytecode.UCLO, nactive, 0, 0)
		f.leadTo(oneJump(g.pc), dest)
	case !g.closes && op == bytecode.JMP && g.list.head == g.list.tail:
		f.setOp(g.pc, bytecode.LOOP)
		f.setTarget(g.pc, dest)
	default:
		closes := int32(-1)
		if g.closes {
			closes = int32(nactive)
		}
		f.detours = append(f.detours, detour{g.list, g.line, closes, dest})
	}
}

// leadTo makes jumps lead to a place after them.
func (f *function) leadTo(list jumps, dest int32) {
	if dest == f.pc() {
		f.toHere(list)
	} else {
		f.patchValue(list, dest, noReg, dest)
	}
}

// emitDetours emits the detours, after the function's last return.
func (f *function) emitDetours() {
	last := f.c.lastLine
	for _, d := range f.detours {
		for p := d.list.head; p != 0; {
			pc := p - 1
			p = f.info[pc].link
			f.setValueReg(pc, noReg)
			f.setOffset(pc, f.pc()-(pc+1))
		}
		f.c.lastLine = d.line
		if d.closes >= 0 {
			f.emitABC(bytecode.UCLO, int(d.closes), 0, 0)
		}
		pc := f.emitABC(bytecode.LOOP, 0, 0, 0)
		f.setOffset(pc, d.dest-(pc+1))
	}
	f.c.lastLine = last
}

// addGola adds a goto or label. A zero name is a break.
func (c *compiler) addGola(g gola) {
	c.checkVars()
	g.nactive = int32(c.f.nactive)
	link := &c.breaks
	if g.name != 0 {
		if g.kind == golaLabel {
			link = &c.names.list[g.name].label
		} else {
			link = &c.names.list[g.name].gotos
		}
	}
	g.outer = *link
	c.golas = append(c.golas, g)
	*link = int32(len(c.golas))
}

func (c *compiler) breakStat() {
	f := c.f
	f.scope.flags |= scopeBreak
	list := f.emitJump()
	c.addGola(gola{kind: golaGoto, pc: list.head - 1, line: f.info[list.head-1].line, list: list})
}

func (c *compiler) gotoStat() {
	f := c.f
	id := c.name()
	f.scope.flags |= scopeGoto
	// The jump may lead back: it must not take others along.
	var list jumps
	if f.pending.head != 0 {
		list = oneJump(f.emitABC(bytecode.JMP, 0, 0, 0))
	} else {
		list = f.emitJump()
	}
	c.addGola(gola{name: id, kind: golaGoto, pc: list.head - 1, line: f.info[list.head-1].line, list: list})
}

func (c *compiler) labelStat() {
	f := c.f
	f.lastTarget = f.pc()
	f.lastLabel = f.pc()
	f.scope.flags |= scopeGoto
	c.next()
	id := c.name()
	nm := &c.names.list[id]
	if nm.label > int32(f.scope.golas) {
		c.fail(0, msgDupLabel, c.names.str(id))
	}
	c.addGola(gola{name: id, kind: golaLabel, pc: f.pc()})
	label := len(c.golas) - 1
	c.expect(tokLabel)
	for c.tok == tokLabel {
		c.enter()
		c.labelStat()
		c.leave()
	}
	// At the end of a block the label counts as outside of the block's scope.
	if blockEnds(c.tok) && c.tok != tokUntil {
		c.golas[label].nactive = int32(f.scope.nactive)
	}
	c.resolveForward(label)
}

// resolveForward makes the gotos of this scope that wait for a label lead to it.
func (c *compiler) resolveForward(label int) {
	f := c.f
	l := c.golas[label]
	nm := &c.names.list[l.name]
	first := int32(0) // oldest goto that leads into a variable's scope
	for i := nm.gotos; i > int32(f.scope.golas); i = c.golas[i-1].outer {
		if c.golas[i-1].nactive < l.nactive {
			first = i
		}
	}
	if first != 0 {
		g := &c.golas[first-1]
		into := c.vars[f.active[g.nactive]].name
		c.line = g.line
		c.fail(0, msgGotoScope, c.names.str(l.name), c.names.str(into))
	}
	for nm.gotos > int32(f.scope.golas) {
		g := &c.golas[nm.gotos-1]
		nm.gotos = g.outer
		f.resolve(g, l.pc, int(l.nactive))
	}
}
