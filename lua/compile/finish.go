package compile

import (
	"slices"

	"moonring/lua/bytecode"
)

// Compile compiles the chunk src. The chunk's name is "@file", "=name" or the
// text itself, as for load; it ends before a zero byte. The error is an *Error.
func Compile(src []byte, chunkname string) (*bytecode.Proto, error) {
	for i := range chunkname {
		if chunkname[i] == 0 {
			chunkname = chunkname[:i]
			break
		}
	}
	p, wide, err := compile(src, chunkname, false)
	if wide {
		p, _, err = compile(src, chunkname, true)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// compile compiles once. It returns true if that must be repeated with the
// wide forms of all jumps.
func compile(src []byte, chunkname string, wide bool) (p *bytecode.Proto, again bool, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			err = e
		case errWide:
			again = true
		default:
			panic(e)
		}
	}()
	c := &compiler{wide: wide}
	c.src = src
	c.line, c.lastLine = 1, 1
	c.ahead = tokEOF
	c.chunk = chunkname
	c.names.init(len(src))
	c.skipHeader()
	f := c.open(0)
	f.vararg = true
	f.begin(0)
	c.next()
	c.chunkStats()
	if c.tok != tokEOF {
		c.fail(c.tok, msgToken, tokEOF)
	}
	return f.finish(c.line), false, nil
}

// returns tells if control never comes to the instruction emitted next.
func (f *function) returns() bool {
	last := f.pc() - 1
	if last < 0 || f.pc() <= f.lastTarget {
		return false
	}
	switch f.code[last].Op() {
	case bytecode.CALLT, bytecode.CALLMT, bytecode.RET, bytecode.RETM, bytecode.RET0, bytecode.RET1:
		return true
	}
	return false
}

// finish ends the function, whose last line is given, and returns its prototype.
func (f *function) finish(lastLine int32) *bytecode.Proto {
	if !f.returns() {
		f.emitABC(bytecode.RET0, 0, 0, 0)
	}
	f.scope.flags |= scopeNoClose // returning closes
	f.end()
	f.emitDetours()
	if f.captured {
		for pc := range f.code {
			switch f.code[pc].Op() {
			case bytecode.CALLT, bytecode.CALLMT, bytecode.RET, bytecode.RETM, bytecode.RET0, bytecode.RET1:
				f.setB(int32(pc), 1)
			}
		}
	}
	c := f.c
	p := &bytecode.Proto{
		Code:      slices.Clone(f.code),
		Lines:     make([]int32, len(f.info)),
		Consts:    slices.Clone(f.consts.list),
		NumParams: uint8(f.numParams),
		FrameSize: uint8(f.frameSize),
		Vararg:    f.vararg,
		HasChild:  f.hasChild,
		Source:    c.chunk,
		FirstLine: int(f.firstLine),
		LastLine:  int(lastLine),
	}
	for i := range f.info {
		p.Lines[i] = f.info[i].line
	}
	if len(f.upvals) > 0 {
		p.Upvals = make([]bytecode.UpvalDesc, len(f.upvals))
		for i := range f.upvals {
			p.Upvals[i] = f.upvals[i].desc
		}
	}
	if vars := c.vars[f.varBase:]; len(vars) > 0 {
		p.LocVars = make([]bytecode.LocVar, len(vars))
		for i := range vars {
			v := &vars[i]
			p.LocVars[i] = bytecode.LocVar{Name: c.names.str(v.name), Reg: v.reg, Start: v.start, End: v.end}
		}
	}
	return p
}
