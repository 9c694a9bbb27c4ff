package compile

import "moonring/lua/bytecode"

// loopBack emits the jump to the start of a loop.
func (f *function) loopBack(start int32) {
	pc := f.emitABC(bytecode.LOOP, 0, 0, 0)
	f.setTarget(pc, start)
}

// loopStart marks the position of the next instruction as the start of a loop.
func (f *function) loopStart() int32 {
	f.lastTarget = f.pc()
	f.lastLabel = f.pc()
	return f.pc()
}

func (c *compiler) whileStat(line int32) {
	f := c.f
	c.next()
	start := f.loopStart()
	exit := c.condition()
	f.begin(scopeLoop)
	c.expect(tokDo)
	f.extra-- // LuaJIT marks the loop's head
	c.block()
	f.loopBack(start)
	c.expectMatch(tokEnd, tokWhile, line)
	f.end()
	f.toHere(exit)
}

func (c *compiler) repeatStat(line int32) {
	f := c.f
	start := f.loopStart()
	f.begin(scopeLoop)
	inner := f.begin(0)
	c.next()
	f.extra--
	c.chunkStats()
	c.expectMatch(tokUntil, tokRepeat, line)
	// The condition sees the block's variables.
	var e expr
	c.expr(&e)
	if e.isPlainConst() && e.kind > exprFalse {
		f.end() // no loop at all
		f.end()
		return
	}
	f.jumpIfTrue(&e)
	if inner.flags&scopeCaptured == 0 {
		f.end()
		f.loopBack(start)
		f.toHere(e.t)
	} else {
		f.emitABC(bytecode.UCLO, inner.nactive, 0, 0)
		f.loopBack(start)
		f.toHere(e.t)
		f.end()
		// LuaJIT has the jump back here, and so a break or goto that comes
		// next, and the errors about it, keep a line of their own.
		f.lastTarget = f.pc()
	}
	f.end()
}

func (c *compiler) forStat(line int32) {
	f := c.f
	f.begin(scopeLoop)
	c.next()
	id := c.name()
	switch c.tok {
	case '=':
		c.forNumeric(id, line)
	case ',', tokIn:
		c.forGeneric(id, line)
	default:
		c.failSyntax(msgFor)
	}
	c.expectMatch(tokEnd, tokFor, line)
	f.end()
}

func (c *compiler) forNumeric(id nameID, line int32) {
	f := c.f
	base := f.freeReg
	c.declare(0, nameForIndex)
	c.declare(1, nameForLimit)
	c.declare(2, nameForStep)
	c.declare(3, id)
	c.expect('=')
	c.exprNext()
	c.expect(',')
	c.exprNext()
	op := bytecode.FORLP
	if c.accept(',') {
		var e expr
		c.expr(&e)
		if !e.isPlainNumber() || !(e.num > 0) {
			op = bytecode.FORL
		}
		f.toNextReg(&e)
	} else {
		f.emitABD(bytecode.LOADI, f.freeReg, 0, 1)
		f.reserve(1)
	}
	c.activate(3)
	c.expect(tokDo)
	enter := f.emitABC(bytecode.FORI, base, 0, 0)
	f.begin(0)
	c.activate(1)
	f.reserve(1)
	c.block()
	f.end()
	back := f.emitABC(op, base, 0, 0)
	f.info[back].line = line
	f.setTarget(back, enter+1)
	f.setTarget(enter, f.pc())
	f.lastTarget = f.pc()
}

func (c *compiler) forGeneric(id nameID, line int32) {
	f := c.f
	base := f.freeReg
	c.declare(0, nameForGen)
	c.declare(1, nameForState)
	c.declare(2, nameForControl)
	c.declare(3, id)
	n := 1
	for c.accept(',') {
		c.declare(3+n, c.name())
		n++
	}
	c.expect(tokIn)
	inLine := c.line
	var e expr
	values := c.exprList(&e)
	c.adjust(3, values, &e)
	f.bump(4) // function, link word, state and control of the call
	c.activate(3)
	c.expect(tokDo)
	enter := f.emitABC(bytecode.ITERP, base, 0, 0)
	f.begin(0)
	c.activate(n)
	f.reserve(n)
	c.block()
	f.end()
	f.setTarget(enter, f.pc())
	f.lastTarget = f.pc()
	call := f.emitABC(bytecode.ITERC, base, n+1, 0)
	back := f.emitABC(bytecode.ITERL, base, 0, 0)
	f.info[call].line = inLine
	f.info[back].line = inLine
	f.setTarget(back, enter+1)
}
