package lib

import "moonring/lua"

// side is what the libraries keep for a VM on Go's side. All of it can be made
// again, so that a VM that comes out of a snapshot begins without.
type side struct {
	m        matcher
	patterns [patternsKept]struct {
		of   lua.Value // the string
		prog *program
	}
	turn    int       // the next place in patterns to be taken
	buffers []*[]byte // memory of buffers that are not in use
}

const (
	patternsKept = 256
	// programKept is the pattern's length from which on a program is not kept.
	programKept = 1 << 10
)

func sideOf(vm *lua.VM) *side {
	if s, ok := vm.Side().(*side); ok {
		return s
	}
	s := new(side)
	vm.SetSide(s)
	return s
}

// program returns the compiled pattern, a string; nil after an error: there is
// not the time or memory for it. It is good until another one is asked for, so
// who calls into Lua asks again.
//
// Each string has room for a number beside it, which is 0 until it is set. The
// program of the string with the number n is at place n-1, if that says so:
// the number alone may be from before a snapshot, or the place taken since.
func (s *side) program(c *lua.Call, pattern lua.Value, literal bool) *program {
	note := c.VM().StringNote(pattern)
	if n := int(*note) - 1; uint(n) < patternsKept && s.patterns[n].of == pattern {
		if g := s.patterns[n].prog; !(g.anchor && literal) {
			return g
		}
	}
	return s.compile(c, pattern, note, literal)
}

// What compiling takes by byte of the pattern: units of Call.Charge, and memory.
const (
	compileCost = 16
	compileSize = 32
)

func (s *side) compile(c *lua.Call, pattern lua.Value, note *uint16, literal bool) *program {
	b := c.VM().Bytes(pattern)
	if !c.Charge(compileCost*len(b)) || !c.CheckSize(compileSize*len(b)) {
		return nil
	}
	if len(b) > programKept || literal && len(b) > 0 && b[0] == '^' {
		g := new(program)
		g.compile(b, literal)
		return g
	}
	place := &s.patterns[s.turn]
	if place.prog == nil {
		place.prog = new(program)
	}
	place.of = pattern
	place.prog.compile(b, literal)
	s.turn++
	*note = uint16(s.turn)
	s.turn %= patternsKept
	return place.prog
}
