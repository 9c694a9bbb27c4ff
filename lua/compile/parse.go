package compile

import "moonring/lua/bytecode"

// enter counts a level of nesting, which leave gives back.
func (c *compiler) enter() {
	c.level++
	if c.level >= bytecode.MaxLevels {
		c.fail(0, msgLevels)
	}
}

func (c *compiler) leave() { c.level-- }

// accept skips the token t if it is the current one.
func (c *compiler) accept(t token) bool {
	if c.tok == t {
		c.next()
		return true
	}
	return false
}

// expect skips the token t, which must be the current one.
func (c *compiler) expect(t token) {
	if c.tok != t {
		c.fail(c.tok, msgToken, t)
	}
	c.next()
}

// expectMatch skips the token t that closes what open, on the given line, began.
func (c *compiler) expectMatch(t, open token, line int32) {
	if c.accept(t) {
		return
	}
	if line == c.line {
		c.fail(c.tok, msgToken, t)
	}
	c.fail(c.tok, msgMatch, t, open, line)
}

// isName tells if the current token can be a name: goto is one where no goto
// statement can be.
func (c *compiler) isName() bool { return c.tok == tokName || c.tok == tokGoto }

// name skips a name and returns it.
func (c *compiler) name() nameID {
	if !c.isName() {
		c.fail(c.tok, msgToken, tokName)
	}
	id := c.cur.str
	c.next()
	return id
}

// expr reads an expression.
func (c *compiler) expr(e *expr) { c.subExpr(e, 0) }

// subExpr reads an expression of operators that bind stronger than limit, and
// returns the operator after it.
func (c *compiler) subExpr(e *expr, limit uint8) binaryOp {
	c.enter()
	switch c.tok {
	case tokNot:
		c.next()
		c.subExpr(e, unaryPriority)
		c.f.unaryNot(e)
	case '-':
		c.next()
		c.subExpr(e, unaryPriority)
		c.f.unaryMinus(e)
	case '#':
		c.next()
		c.subExpr(e, unaryPriority)
		c.f.unaryLen(e)
	default:
		c.simpleExpr(e)
	}
	op := binaryOf(c.tok)
	for op != opNone && priority[op].left > limit {
		var right expr
		c.next()
		c.f.binaryLeft(op, e)
		nextOp := c.subExpr(&right, priority[op].right)
		c.f.binary(op, e, &right)
		op = nextOp
	}
	c.leave()
	return op
}

func (c *compiler) simpleExpr(e *expr) {
	switch c.tok {
	case tokNumber:
		*e = expr{kind: exprNumber, num: c.cur.num}
	case tokString:
		*e = expr{kind: exprString, id: c.cur.str}
	case tokNil:
		*e = expr{kind: exprNil}
	case tokTrue:
		*e = expr{kind: exprTrue}
	case tokFalse:
		*e = expr{kind: exprFalse}
	case tokDots:
		f := c.f
		if !f.vararg {
			c.failSyntax(msgDots)
		}
		f.reserve(1)
		base := f.freeReg - 1
		*e = expr{kind: exprCall, aux: int32(base), info: f.emitABC(bytecode.VARG, base, 2, 0)}
	case '{':
		c.table(e)
		return
	case tokFunction:
		c.next()
		c.body(e, false, c.line)
		return
	default:
		c.primaryExpr(e)
		return
	}
	c.next()
}

// primaryExpr reads a name or an expression in parentheses, and the fields,
// indexes and calls that follow it.
func (c *compiler) primaryExpr(e *expr) {
	f := c.f
	switch {
	case c.tok == '(':
		line := c.line
		c.next()
		c.expr(e)
		c.expectMatch(')', '(', line)
		f.discharge(e)
	case c.isName():
		c.variable(e, c.name())
	default:
		c.failSyntax(msgSymbol)
	}
	for {
		switch c.tok {
		case '.':
			c.field(e)
		case '[':
			var key expr
			f.toAnyReg(e)
			c.bracketKey(&key)
			f.index(e, &key)
		case ':':
			c.next()
			f.method(e, c.name())
			c.args(e)
		case '(', tokString, '{':
			f.toNextReg(e)
			f.reserve(1) // the link word
			c.args(e)
		default:
			return
		}
	}
}

// field reads ".name" (or ":name") and makes it the variable e.
func (c *compiler) field(e *expr) {
	c.f.toAnyReg(e)
	c.next()
	key := expr{kind: exprString, id: c.name()}
	c.f.index(e, &key)
}

// bracketKey reads "[expr]".
func (c *compiler) bracketKey(e *expr) {
	c.next()
	c.expr(e)
	c.f.toValue(e)
	c.expect(']')
}

// index makes e, a register, the variable e[key].
func (f *function) index(e, key *expr) {
	e.kind = exprIndexed
	switch key.kind {
	case exprString:
		e.key = keyString
		e.id = key.id
		return
	case exprNumber:
		if i, ok := asInt32(key.num); ok && i >= 0 {
			e.key = keyInt
			e.aux = i
			return
		}
	}
	e.key = keyReg
	e.aux = int32(f.toAnyReg(key))
}

// args reads the arguments of a call whose function is in the register e, and
// makes e the call.
func (c *compiler) args(e *expr) {
	f := c.f
	line := c.line
	args := expr{kind: exprVoid}
	switch c.tok {
	case '(':
		if line != c.lastLine {
			c.failSyntax(msgAmbiguous)
		}
		c.next()
		if c.tok != ')' {
			c.exprList(&args)
			if args.kind == exprCall {
				f.setB(args.info, 0) // all its results
			}
		}
		c.expectMatch(')', '(', line)
	case '{':
		c.table(&args)
	case tokString:
		args = expr{kind: exprString, id: c.cur.str}
		c.next()
	default:
		c.failSyntax(msgArgs)
	}
	base := int(e.info)
	var pc int32
	if args.kind == exprCall {
		pc = f.emitABC(bytecode.CALLM, base, 2, int(args.aux)-base-2)
	} else {
		if args.kind != exprVoid {
			f.toNextReg(&args)
		}
		pc = f.emitABC(bytecode.CALL, base, 2, f.freeReg-base-1)
	}
	f.info[pc].line = line
	*e = expr{kind: exprCall, info: pc, aux: int32(base)}
	f.freeReg = base + 1 // one result, unless changed
}

// exprList reads expressions separated by commas and returns their number. The
// last is left in e, the others are in consecutive registers.
func (c *compiler) exprList(e *expr) int {
	n := 1
	c.expr(e)
	for c.accept(',') {
		c.f.toNextReg(e)
		c.expr(e)
		n++
	}
	return n
}

// exprNext reads an expression into the next register.
func (c *compiler) exprNext() {
	var e expr
	c.expr(&e)
	c.f.toNextReg(&e)
}

// params reads a parameter list.
func (c *compiler) params(self bool) {
	n := 0
	c.expect('(')
	if self {
		c.declare(n, nameSelf)
		n++
	}
	if c.tok != ')' {
		for {
			if c.isName() {
				c.declare(n, c.name())
				n++
			} else if c.tok == tokDots {
				c.next()
				c.f.vararg = true
				break
			} else {
				c.failSyntax(msgParam)
			}
			if !c.accept(',') {
				break
			}
		}
	}
	c.activate(n)
	c.f.reserve(n)
	c.f.numParams = n
	c.expect(')')
}

// body reads a function from its parameters to its end, and makes e a closure of it.
func (c *compiler) body(e *expr, self bool, line int32) {
	f := c.open(line)
	f.begin(0)
	c.params(self)
	c.chunkStats()
	if c.tok != tokEnd {
		c.expectMatch(tokEnd, tokFunction, line)
	}
	c.lastLine = c.line
	p := f.finish(c.line)
	c.close()
	f = c.f
	f.hasChild = true
	pc := f.emitConst(bytecode.CLOSURE, 0, 0, f.constProto(p))
	*e = expr{kind: exprReloc, info: pc}
	c.next()
}
