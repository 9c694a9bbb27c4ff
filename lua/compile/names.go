package compile

import "hash/maphash"

// A nameID stands for a string of the chunk: a name, a reserved word, or the
// value of a literal. Equal strings have equal ids.
type nameID int32

// name is an interned string and what the name currently means. The links are
// indexes + 1 into the compiler's stacks, 0 for none; each stack entry holds
// the link that it displaced.
type name struct {
	s     string
	hash  uint32
	tok   token // tokName or the reserved word
	local int32 // innermost active local variable
	label int32 // innermost label of an open scope
	gotos int32 // youngest goto that waits for the label
}

// names interns strings. Hashes are seeded: a source cannot aim for collisions.
type names struct {
	list  []name
	index []nameID // open addressing, linear probing; 0 is empty
}

var hashSeed = maphash.MakeSeed()

// Ids of strings that the compiler itself needs. The reserved words follow 0
// in the order of their tokens.
const (
	nameSelf nameID = nameID(tokWhile-tokAnd) + 2 + iota
	nameForIndex
	nameForLimit
	nameForStep
	nameForGen
	nameForState
	nameForControl
	namesPredefined
)

func (n *names) init(sourceLen int) {
	size := 256
	for size < sourceLen/16 && size < 1<<15 {
		size *= 2
	}
	n.list = make([]name, 1, size/2)
	n.index = make([]nameID, size)
	for t := tokAnd; t <= tokWhile; t++ {
		n.list[n.intern([]byte(t.String()))].tok = t
	}
	for _, s := range [...]string{"self", "(for index)", "(for limit)", "(for step)",
		"(for generator)", "(for state)", "(for control)"} {
		n.intern([]byte(s))
	}
}

func (n *names) intern(b []byte) nameID {
	h := uint32(maphash.Bytes(hashSeed, b))
	mask := uint32(len(n.index) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		id := n.index[i]
		if id == 0 {
			if 2*len(n.list) > len(n.index) {
				n.grow()
				return n.intern(b)
			}
			id = nameID(len(n.list))
			n.index[i] = id
			n.list = append(n.list, name{s: string(b), hash: h, tok: tokName})
			return id
		}
		if e := &n.list[id]; e.hash == h && e.s == string(b) {
			return id
		}
	}
}

func (n *names) grow() {
	n.index = make([]nameID, 2*len(n.index))
	mask := uint32(len(n.index) - 1)
	for id := 1; id < len(n.list); id++ {
		i := n.list[id].hash & mask
		for n.index[i] != 0 {
			i = (i + 1) & mask
		}
		n.index[i] = nameID(id)
	}
}

func (n *names) str(id nameID) string { return n.list[id].s }
