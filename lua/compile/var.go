package compile

import "moonring/lua/bytecode"

// maxVars bounds the variables, gotos and labels of all unfinished functions
// together (LJ_MAX_VSTACK).
const maxVars = 65536 - 60

func (c *compiler) checkVars() {
	if len(c.vars)+len(c.golas) >= maxVars {
		c.fail(0, msgLimChunk, maxVars)
	}
}

// declare announces a local variable that will be the nth after the active ones.
func (c *compiler) declare(n int, id nameID) {
	f := c.f
	if f.nactive+n >= bytecode.MaxLocals {
		f.failLimit(bytecode.MaxLocals, "local variables")
	}
	c.checkVars()
	f.active[f.nactive+n] = int32(len(c.vars))
	c.vars = append(c.vars, variable{name: id, depth: f.depth})
}

// activate makes the next n declared variables visible. Each has the register
// of its number.
func (c *compiler) activate(n int) {
	f := c.f
	for ; n > 0; n-- {
		i := f.active[f.nactive]
		v := &c.vars[i]
		v.start = f.pc()
		v.reg = uint8(f.nactive)
		nm := &c.names.list[v.name]
		v.outer = nm.local
		nm.local = i + 1
		f.nactive++
	}
}

// deactivate hides all variables but the first n.
func (c *compiler) deactivate(n int) {
	f := c.f
	for f.nactive > n {
		f.nactive--
		v := &c.vars[f.active[f.nactive]]
		v.end = f.pc()
		c.names.list[v.name].local = v.outer
	}
}

// variable makes e the variable that the name denotes here.
func (c *compiler) variable(e *expr, id nameID) {
	i := c.names.list[id].local - 1
	switch {
	case i < 0:
		*e = expr{kind: exprGlobal, id: id}
	case c.vars[i].depth == c.f.depth:
		*e = expr{kind: exprLocal, info: int32(c.vars[i].reg), aux: i}
	default:
		*e = expr{kind: exprUpvalue, info: int32(c.f.upvalue(i))}
	}
}

// upvalue returns the index of the upvalue for an enclosing function's
// variable, which it adds to this function and those between if need be.
func (f *function) upvalue(i int32) int {
	for n := range f.upvals {
		if f.upvals[n].variable == i {
			return n
		}
	}
	v := &f.c.vars[i]
	d := bytecode.UpvalDesc{Name: f.c.names.str(v.name)}
	if v.depth == f.outer.depth {
		f.outer.capture(int(v.reg))
		d.FromLocal = true
		d.Index = v.reg
	} else {
		d.Index = uint8(f.outer.upvalue(i))
	}
	if len(f.upvals) >= bytecode.MaxUpvalues {
		f.failLimit(bytecode.MaxUpvalues, "upvalues")
	}
	f.upvals = append(f.upvals, upvalue{variable: i, desc: d})
	return len(f.upvals) - 1
}

// capture notes that a child uses the variable in reg: it must be closed where
// its scope ends.
func (f *function) capture(reg int) {
	f.captured = true
	for s := f.scope; s != nil; s = s.outer {
		if s.nactive <= reg {
			s.flags |= scopeCaptured
			return
		}
	}
}
