package compile

import (
	"math/bits"

	"moonring/lua/bytecode"
)

// constKey is a constant as a key of a constructor.
type constKey struct {
	kind exprKind
	id   nameID
	num  float64
}

// keySet holds the constant keys of a constructor that were set to values
// which aren't constants.
type keySet struct {
	list     []constKey
	index    map[constKey]struct{} // all of list, once that is long
	explicit bool                  // a number among them was written as [n] = value
}

func (s *keySet) add(k constKey) {
	s.list = append(s.list, k)
	if s.index != nil {
		s.index[k] = struct{}{}
	}
}

func (s *keySet) has(k constKey) bool {
	if s.index == nil {
		if len(s.list) > 16 {
			s.index = make(map[constKey]struct{}, 2*len(s.list))
			for _, k := range s.list {
				s.index[k] = struct{}{}
			}
			return s.has(k)
		}
		for i := range s.list {
			if s.list[i] == k {
				return true
			}
		}
		return false
	}
	_, ok := s.index[k]
	return ok
}

// table reads a table constructor.
//
// LuaJIT sets pairs of constants when the table is created, before it
// evaluates anything: {f(), [1] = 2} has f's value. Here they are set in their
// turn, and left out if their key was set by a value that isn't a constant.
// What this doesn't cover is {[k] = v, a = 1} where k happens to be "a".
func (c *compiler) table(e *expr) {
	f := c.f
	line := c.line
	reg := f.freeReg
	pc := f.emitABC(bytecode.TNEW, reg, 0, 0)
	f.reserve(1)
	free := f.freeReg
	var dynamic keySet
	items, pairs := 0, 0
	open := false // the last item is a call whose results are all wanted
	c.expect('{')
	for c.tok != '}' {
		var key, val expr
		positional := false
		switch {
		case c.tok == '[':
			c.bracketKey(&key)
			if !key.isConst() {
				f.toAnyReg(&key)
			}
			c.expect('=')
			pairs++
		case c.isName() && c.lookahead() == '=':
			key = expr{kind: exprString, id: c.name()}
			c.expect('=')
			pairs++
		default:
			items++
			key = expr{kind: exprNumber, num: float64(items)}
			positional = true
		}
		c.expr(&val)
		open = positional && val.kind == exprCall
		constant := false
		skip := false
		if key.isConst() && key.kind != exprNil {
			k := constKey{key.kind, key.id, key.num}
			constant = val.isPlainConst()
			if !constant {
				dynamic.add(k)
				dynamic.explicit = dynamic.explicit || !positional && key.kind == exprNumber
			} else if !positional || dynamic.explicit {
				skip = dynamic.has(k)
			}
		}
		if !skip {
			before := f.pc()
			if val.kind != exprCall {
				f.toAnyReg(&val)
			}
			t := expr{info: int32(reg)}
			f.index(&t, &key)
			f.store(&t, &val)
			if constant {
				f.extra += f.pc() - before
			}
		}
		f.freeReg = free
		if !c.accept(',') && !c.accept(';') {
			break
		}
	}
	c.expectMatch('}', '{', line)
	if open {
		// The results go where the first of them was to be set.
		f.setB(f.pc()-2, 0)
		f.code[f.pc()-1] = bytecode.ABCD(bytecode.TSETM, free, 0, 0, int32(items))
	}
	hash := 0
	if pairs > 0 {
		// A quarter of a larger hash part stays free, and always one node.
		n := min(pairs, bytecode.MaxTableHint)
		if n >= 12 {
			n += n / 4
		}
		hash = max(2, bits.Len(uint(n))) // what begins with one field mostly gets more
	}
	f.code[pc] = bytecode.ABCD(bytecode.TNEW, reg, hash, 0, int32(min(items, bytecode.MaxTableHint)))
	if pc == f.pc()-1 {
		f.freeReg--
		*e = expr{kind: exprReloc, info: pc}
	} else {
		*e = expr{kind: exprReg, info: int32(reg)}
	}
}
