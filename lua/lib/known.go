package lib

import "moonring/lua"

// side is what the libraries keep for a VM on Go's side. All of it can be made
// again, so that a VM that comes out of a snapshot begins without.
type side struct {
	m       matcher
	known   [knownStrings]known
	turn    int       // the next place in known to be taken
	made    uint      // what was compiled so far
	buffers []*[]byte // memory of buffers that are not in use
}

// known is what was made of a string; nil where nothing was yet, or of length 0
// if it was made of another string.
type known struct {
	of      lua.Value
	pattern *program
	format  *format
}

const (
	knownStrings = 256
	// knownMax is the length of strings from which on nothing is kept.
	knownMax = 1 << 10
)

func sideOf(vm *lua.VM) *side {
	if s, ok := vm.Side().(*side); ok {
		return s
	}
	s := new(side)
	vm.SetSide(s)
	return s
}

// find returns what is known of the string v, nil if nothing is.
//
// Each string has room for a number beside it, which is 0 until it is set. What
// is known of a string with the number n is at place n-1, if that says so: the
// number alone may be from before a snapshot, or the place taken since.
func (s *side) find(c *lua.Call, v lua.Value) *known {
	if n := int(*c.VM().StringNote(v)) - 1; uint(n) < knownStrings && s.known[n].of == v {
		return &s.known[n]
	}
	return nil
}

// What compiling takes by byte of the string: units of Call.Charge, and memory.
const (
	compileCost = 16
	compileSize = 32
)

// place returns where to put what is made of the string v, whose bytes are b;
// nil after an error: there is not the time or memory for it.
func (s *side) place(c *lua.Call, v lua.Value, b []byte) *known {
	if !c.Charge(compileCost*len(b)) || !c.CheckSize(compileSize*len(b)) {
		return nil
	}
	s.made++
	if len(b) > knownMax {
		return new(known)
	}
	if k := s.find(c, v); k != nil {
		return k
	}
	k := &s.known[s.turn]
	k.of = v
	if k.pattern != nil {
		k.pattern.items = k.pattern.items[:0]
	}
	if k.format != nil {
		k.format.pieces = k.format.pieces[:0]
	}
	s.turn++
	*c.VM().StringNote(v) = uint16(s.turn)
	s.turn %= knownStrings
	return k
}

// program returns the compiled pattern, a string; nil after an error. It is
// good until something else is compiled, so who calls into Lua asks again.
func (s *side) program(c *lua.Call, v lua.Value, literal bool) *program {
	if k := s.find(c, v); k != nil {
		if g := k.pattern; g != nil && len(g.items) > 0 && !(g.anchor && literal) && !(g.literal && !literal) {
			return g
		}
	}
	b := c.VM().Bytes(v)
	k := s.place(c, v, b)
	if k == nil {
		return nil
	}
	if k.pattern == nil {
		k.pattern = new(program)
	}
	k.pattern.compile(b, literal)
	return k.pattern
}

// format is program for the argument of string.format.
func (s *side) format(c *lua.Call, v lua.Value) *format {
	if k := s.find(c, v); k != nil && k.format != nil && len(k.format.pieces) > 0 {
		return k.format
	}
	b := c.VM().Bytes(v)
	k := s.place(c, v, b)
	if k == nil {
		return nil
	}
	if k.format == nil {
		k.format = new(format)
	}
	k.format.compile(b)
	return k.format
}
