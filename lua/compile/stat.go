package compile

import "moonring/lua/bytecode"

// blockEnds tells if no statement can begin with t.
func blockEnds(t token) bool {
	switch t {
	case tokElse, tokElseif, tokEnd, tokUntil, tokEOF:
		return true
	}
	return false
}

// chunkStats reads statements up to the end of their block.
func (c *compiler) chunkStats() {
	c.enter()
	for last := false; !last && !blockEnds(c.tok); {
		last = c.statement()
		c.accept(';')
		c.f.freeReg = c.f.nactive
	}
	c.leave()
}

// block reads a block with its own scope.
func (c *compiler) block() {
	f := c.f
	f.begin(0)
	c.chunkStats()
	f.end()
}

// statement reads a statement and tells if it must be the last of its block.
func (c *compiler) statement() bool {
	line := c.line
	switch c.tok {
	case tokIf:
		c.ifStat(line)
	case tokWhile:
		c.whileStat(line)
	case tokDo:
		c.next()
		c.block()
		c.expectMatch(tokEnd, tokDo, line)
	case tokFor:
		c.forStat(line)
	case tokRepeat:
		c.repeatStat(line)
	case tokFunction:
		c.functionStat(line)
	case tokLocal:
		c.next()
		if c.accept(tokFunction) {
			c.localFunction()
		} else {
			c.localStat()
		}
	case tokReturn:
		c.returnStat()
		return true
	case tokBreak:
		c.next()
		c.breakStat()
		return true
	case tokLabel:
		c.labelStat()
	case tokGoto:
		if c.lookahead() == tokName {
			c.next()
			c.gotoStat()
			break
		}
		c.exprStat()
	default:
		c.exprStat()
	}
	return false
}

// condition reads a condition and returns the jumps taken if it is false.
func (c *compiler) condition() jumps {
	var e expr
	c.expr(&e)
	if e.isPlainConst() && e.kind <= exprFalse {
		return c.f.emitJump()
	}
	c.f.jumpIfFalse(&e)
	return e.f
}

func (c *compiler) ifStat(line int32) {
	f := c.f
	var escape jumps
	for {
		c.next() // if, elseif
		exit := c.condition()
		c.expect(tokThen)
		c.block()
		fused := f.fuseJump(exit)
		if c.tok != tokElse && c.tok != tokElseif {
			if !fused {
				escape = f.join(escape, exit)
			}
			break
		}
		if !fused {
			if !f.returns() {
				escape = f.join(escape, f.emitJump())
			}
			f.toHere(exit)
		}
		if c.tok == tokElse {
			c.next()
			c.block()
			break
		}
	}
	f.toHere(escape)
	c.expectMatch(tokEnd, tokIf, line)
}

// fuseJump makes a test whose block is just a break or goto do the jump
// itself. The test must be the only one to lead past the block, which has just
// been read.
func (f *function) fuseJump(exit jumps) bool {
	c := f.c
	jmp := f.pc() - 1
	if exit.head != jmp || exit.tail != jmp || jmp == 0 || len(c.golas) <= f.scope.golas ||
		f.code[jmp].Op() != bytecode.JMP || f.lastLabel >= jmp || f.pc() <= f.lastTarget {
		return false
	}
	for s := f.scope; s != nil; s = s.outer {
		if s.flags&scopeCaptured != 0 {
			return false // the jump is likely to become an UCLO
		}
		if s.flags&scopeLoop != 0 {
			break
		}
	}
	g := &c.golas[len(c.golas)-1]
	test := jmp - 1
	if g.kind != golaGoto || g.pc != jmp || inverse[f.code[test].Op()] == 0 {
		return false
	}
	if g.name != 0 && f.lastTarget == jmp {
		return false // other jumps lead to the goto
	}
	f.setValueReg(test, noReg)
	f.invert(test)
	rest := jumps{f.info[jmp].link, g.list.tail}
	if rest.head == 0 {
		rest.tail = 0
	}
	f.dropLast()
	g.pc = test
	g.list = f.join(oneJump(test), rest)
	f.lastTarget = f.pc()
	return true
}

func (c *compiler) functionStat(line int32) {
	f := c.f
	c.next()
	var v, b expr
	c.variable(&v, c.name())
	for c.tok == '.' {
		c.field(&v)
	}
	self := false
	if c.tok == ':' {
		self = true
		c.field(&v)
	}
	c.body(&b, self, line)
	f.store(&v, &b)
	f.info[f.pc()-1].line = line
}

func (c *compiler) localFunction() {
	f := c.f
	c.declare(0, c.name())
	reg := f.freeReg
	f.reserve(1)
	c.activate(1)
	var b expr
	c.body(&b, false, c.line)
	f.releaseExpr(&b)
	f.toReg(&b, reg)
	// The function sees the variable, but it has its value only from here on.
	c.vars[f.active[f.nactive-1]].start = f.pc()
}

func (c *compiler) localStat() {
	n := 0
	for {
		c.declare(n, c.name())
		n++
		if !c.accept(',') {
			break
		}
	}
	e := expr{kind: exprVoid}
	values := 0
	if c.accept('=') {
		values = c.exprList(&e)
	}
	c.adjust(n, values, &e)
	c.activate(n)
}

// adjust makes the values read, the last of which is e, as many as wanted.
func (c *compiler) adjust(wanted, values int, e *expr) {
	f := c.f
	extra := wanted - values
	if e.kind == exprCall {
		extra = max(0, extra+1)
		f.setB(e.info, extra+1)
		if extra > 1 {
			f.reserve(extra - 1)
		}
	} else {
		if e.kind != exprVoid {
			f.toNextReg(e)
		}
		if extra > 0 {
			reg := f.freeReg
			f.reserve(extra)
			f.loadNil(reg, extra)
		}
	}
	if values > wanted {
		f.freeReg -= values - wanted
	}
}

// exprStat reads a call or an assignment.
func (c *compiler) exprStat() {
	f := c.f
	var v expr
	c.primaryExpr(&v)
	if v.kind == exprCall {
		f.setB(v.info, 1) // no results
		return
	}
	base := len(c.targets)
	c.targets = append(c.targets, v)
	c.checkTarget(&v)
	for c.accept(',') {
		v = expr{}
		c.primaryExpr(&v)
		if v.kind == exprLocal {
			c.renameHazard(base, int(v.info))
		}
		if c.level+len(c.targets)-base >= bytecode.MaxLevels {
			f.failLimit(bytecode.MaxLevels, "variable names")
		}
		c.checkTarget(&v)
		c.targets = append(c.targets, v)
	}
	c.expect('=')
	var e expr
	n := len(c.targets) - base
	values := c.exprList(&e)
	if values == n {
		// The last value may be stored from where it is.
		if e.kind == exprCall {
			if f.code[e.info].Op() == bytecode.VARG {
				f.freeReg--
				e.kind = exprReloc
			} else {
				e.info = e.aux
				e.kind = exprReg
			}
		}
		n--
		v = c.targets[base+n]
		f.store(&v, &e)
	} else {
		c.adjust(n, values, &e)
	}
	for n > 0 {
		n--
		e = expr{kind: exprReg, info: int32(f.freeReg - 1)}
		v = c.targets[base+n]
		f.store(&v, &e)
	}
	c.targets = c.targets[:base]
}

func (c *compiler) checkTarget(v *expr) {
	if v.kind < exprLocal || v.kind > exprIndexed {
		c.failSyntax(msgSyntax)
	}
}

// renameHazard saves the local variable in reg for the targets that use it, as
// in t[i], i = 1, 2: the assignments come from right to left.
func (c *compiler) renameHazard(base, reg int) {
	f := c.f
	hazard := false
	for i := base; i < len(c.targets); i++ {
		v := &c.targets[i]
		if v.kind != exprIndexed {
			continue
		}
		if int(v.info) == reg {
			hazard = true
			v.info = int32(f.freeReg)
		}
		if v.key == keyReg && int(v.aux) == reg {
			hazard = true
			v.aux = int32(f.freeReg)
		}
	}
	if hazard {
		f.reserve(1)
		f.emitABC(bytecode.MOV, f.freeReg-1, reg, 0)
	}
}

func (c *compiler) returnStat() {
	f := c.f
	c.next()
	if blockEnds(c.tok) || c.tok == ';' {
		f.emitABC(bytecode.RET0, 0, 0, 0)
		return
	}
	var e expr
	n := c.exprList(&e)
	switch {
	case e.kind == exprCall && n == 1 && f.code[e.info].Op() != bytecode.VARG:
		i := f.code[e.info]
		op := bytecode.CALLT
		if i.Op() == bytecode.CALLM {
			op = bytecode.CALLMT
		}
		f.dropLast()
		f.emitABC(op, i.A(), 0, i.C())
	case e.kind == exprCall:
		f.setB(e.info, 0)
		f.emitABD(bytecode.RETM, f.nactive, 0, e.aux-int32(f.nactive))
	case n == 1:
		f.emitABC(bytecode.RET1, f.toAnyReg(&e), 0, 0)
	default:
		f.toNextReg(&e)
		f.emitABD(bytecode.RET, f.nactive, 0, int32(n))
	}
}
