package lib

import (
	"bytes"
	"math/bits"
)

// A pattern is compiled once and kept as long as its string lives (known.go).
// What the reference implementation finds out while it matches is mostly known
// before: a pattern has neither alternatives nor groups that repeat, so each
// item is reached with the same captures begun and finished, whatever the
// subject. Errors become items, which raise them when they are reached.

// Operations of items. A match goes on with the next item unless one says
// otherwise; those with a quantifier follow each other in the order of its
// kinds: char, any, set.
const (
	opEnd    = iota // the match ends
	opEOS           // $ at the end of the pattern
	opFail          // never matches
	opError         // err: an error
	opOpen          // capture n begins
	opPos           // capture n is the position
	opClose         // capture n ends
	opBack          // %1: what capture n holds
	opBal           // %b: ch, n
	opFront         // %f: set
	opChar          // ch
	opAny           // .
	opSet           // set
	opText          // n bytes of the program's text from at on
	opOpt           // any quantified kind from here on: ?
	opStar          // * and + (n is the least count), with all their ends tried
	opMin           // -
	opOptOne        // ? of which only one way can lead to a match: if the item matches it is taken
	opRun           // *, + or - of which only the longest can lead to a match
)

// Kinds of what a quantified item repeats.
const (
	kindChar = iota
	kindAny
	kindSet
)

type item struct {
	op   uint8
	kind uint8 // of a quantified item
	ch   uint8
	lit  bool // opStar, opMin: what follows begins with ch2
	ch2  uint8
	n    int32
	at   int32
	set  *byteSet
}

// program is a compiled pattern.
type program struct {
	items   []item
	text    []byte    // the bytes of all opText
	sets    []byteSet // what items' sets refer to
	ncap    int
	caps    [capturesMax]uint8 // capOpen and so on, as they are at the end
	anchor  bool               // ^, which is no item
	literal bool               // compiled with a ^ in front as any other character, which only matters if there is one
	plain   bool               // no special characters at all: the pattern is what it looks for
	deep    bool               // so many quantifiers and captures that a match may be "too complex"
	err     string             // of opError, of which there is one at most

	// What every match begins with: a byte, one of a set, or anything.
	headKind uint8
	headByte uint8
	head     byteSet
}

// Kinds of program.head.
const (
	headNone = iota
	headByte
	headSet
)

// States of captures.
const (
	capOpen = iota
	capClosed
	capPosition
)

// compile compiles pat. A '^' in front is an anchor unless literal is set, as
// for gmatch. It takes time and memory in proportion to the pattern's length.
func (g *program) compile(pat []byte, literal bool) {
	*g = program{items: g.items[:0], text: g.text[:0], sets: g.sets[:0], plain: !hasPattern(pat)}
	if i := bytes.IndexByte(pat, 0); i >= 0 {
		pat = pat[:i] // patterns end at a NUL, as in C
	}
	if len(pat) > 0 && pat[0] == '^' {
		if g.literal = literal; !literal {
			g.anchor = true
			pat = pat[1:]
		}
	}
	p, levels := parser{g, pat}, 0
	for at := 0; at >= 0 && at < len(pat); {
		at = p.item(at)
	}
	if n := len(g.items); n == 0 || g.items[n-1].op > opError {
		g.add(item{op: opEnd})
	}
	for i := range g.items {
		switch g.items[i].op {
		case opOpen, opPos, opClose, opOpt, opStar, opMin:
			levels++
		}
	}
	g.deep = levels >= matchDepth
	g.look()
}

func (g *program) add(it item) { g.items = append(g.items, it) }

func (g *program) fail(msg string) int {
	g.err = msg
	g.add(item{op: opError})
	return -1
}

type parser struct {
	*program
	pat []byte
}

// next returns the pattern's byte i, 0 at its end.
func (p *parser) next(i int) byte {
	if i < len(p.pat) {
		return p.pat[i]
	}
	return 0
}

// item adds the item at place at and returns where the next one is; negative
// if no item can be reached behind it.
func (p *parser) item(at int) int {
	switch c := p.pat[at]; c {
	case '(':
		if p.ncap == capturesMax {
			return p.fail("too many captures")
		}
		it, state := item{op: opOpen, n: int32(p.ncap)}, uint8(capOpen)
		if at++; p.next(at) == ')' {
			it.op, state = opPos, capPosition
			at++
		}
		p.caps[p.ncap] = state
		p.ncap++
		p.add(it)
		return at
	case ')':
		n := p.ncap - 1
		for n >= 0 && p.caps[n] != capOpen {
			n--
		}
		if n < 0 {
			return p.fail("invalid pattern capture")
		}
		p.caps[n] = capClosed
		p.add(item{op: opClose, n: int32(n)})
		return at + 1
	case '$':
		if at+1 == len(p.pat) {
			p.add(item{op: opEOS})
			return -1
		}
	case '%':
		switch e := p.next(at + 1); {
		case e == 'b':
			if at+3 >= len(p.pat) {
				return p.fail("unbalanced pattern")
			}
			p.add(item{op: opBal, ch: p.pat[at+2], n: int32(p.pat[at+3])})
			return at + 4
		case e == 'f':
			at += 2
			if p.next(at) != '[' {
				return p.fail("missing '[' after '%f' in pattern")
			}
			end := p.setEnd(at)
			if end < 0 {
				return p.fail("malformed pattern (missing ']')")
			}
			p.add(item{op: opFront, set: p.set(at, end-1)})
			return end
		case e-'0' < 10:
			n := int(e) - '1'
			if n < 0 || n >= p.ncap || p.caps[n] == capOpen {
				return p.fail("invalid capture index")
			}
			if p.caps[n] == capPosition {
				p.add(item{op: opFail}) // its length is that of no text
				return -1
			}
			p.add(item{op: opBack, n: int32(n)})
			return at + 2
		}
	}
	return p.single(at)
}

// single adds an item that matches one byte, with its quantifier.
func (p *parser) single(at int) int {
	it, end := item{kind: kindChar, ch: p.pat[at]}, at+1
	switch it.ch {
	case '.':
		it.kind = kindAny
	case '%':
		if end == len(p.pat) {
			return p.fail("malformed pattern (ends with '%')")
		}
		it.kind, it.set = kindSet, &escapeSets[p.pat[end]]
		end++
	case '[':
		if end = p.setEnd(at); end < 0 {
			return p.fail("malformed pattern (missing ']')")
		}
		it.kind, it.set = kindSet, p.set(at, end-1)
	}
	if it.kind == kindSet {
		if ch, one := it.set.only(); one {
			it.kind, it.ch, it.set = kindChar, ch, nil
		}
	}
	switch p.next(end) {
	case '?':
		it.op = opOpt
	case '*':
		it.op = opStar
	case '+':
		it.op, it.n = opStar, 1
	case '-':
		it.op = opMin
	default:
		it.op = opChar + it.kind
		if it.op == opChar && p.extend(it.ch) {
			return end
		}
		end--
	}
	p.add(it)
	return end + 1
}

// extend adds ch to the text that the last item looks for; false if it is
// something else.
func (p *parser) extend(ch byte) bool {
	if len(p.items) == 0 {
		return false
	}
	last := &p.items[len(p.items)-1]
	switch last.op {
	case opChar:
		last.op, last.at, last.n = opText, int32(len(p.text)), 1
		p.text = append(p.text, last.ch)
	case opText:
	default:
		return false
	}
	p.text = append(p.text, ch)
	last.n++
	return true
}

// setEnd returns where the set that begins at place at ends, -1 if it doesn't.
func (p *parser) setEnd(at int) int {
	at++
	if p.next(at) == '^' {
		at++
	}
	for first := true; first || p.next(at) != ']'; first = false { // a ']' in front is one of the set
		if at >= len(p.pat) {
			return -1
		}
		c := p.pat[at]
		at++
		if c == '%' && at < len(p.pat) {
			at++ // an escaped ']', among others
		}
	}
	return at + 1
}

// set returns the set pat[at:end+1], whose ']' is at end.
func (p *parser) set(at, end int) *byteSet {
	// Should this move the slice, what items refer to stays where it was.
	p.sets = append(p.sets, byteSet{})
	set := &p.sets[len(p.sets)-1]
	invert := p.pat[at+1] == '^'
	if invert {
		at++
	}
	for at++; at < end; at++ {
		c := p.pat[at]
		if c == '%' {
			at++
			set.addAll(&escapeSets[p.pat[at]])
		} else if p.pat[at+1] == '-' && at+2 < end {
			at += 2
			for c := int(c); c <= int(p.pat[at]); c++ {
				set.add(byte(c))
			}
		} else {
			set.add(c)
		}
	}
	if invert {
		for i := range set {
			set[i] = ^set[i]
		}
	}
	return set
}

// only returns the one byte that is in s, if it is one.
func (s *byteSet) only() (ch byte, one bool) {
	n := 0
	for i, w := range s {
		if w != 0 {
			n += bits.OnesCount64(w)
			ch = byte(i*64 + bits.TrailingZeros64(w))
		}
	}
	return ch, n == 1
}

// look goes through the items from the end and finds what can follow each of
// them, so that a repetition need not try ends from where the rest can't match.
func (g *program) look() {
	var follow byteSet // bytes that the rest may begin with
	atEnd := false     // the rest can match at the subject's end
	free := false      // the rest can match where it stands, whatever comes
	unknown := false   // none of these says anything
	for i := len(g.items) - 1; i >= 0; i-- {
		it := &g.items[i]
		set := it.bytes(g)
		switch it.op {
		case opEnd:
			free = true
		case opEOS:
			atEnd = true
		case opFail, opOpen, opPos, opClose:
		case opError, opBack, opFront:
			unknown = true
		case opOpt, opStar, opMin:
			apart := !follow.meets(&set)
			if !unknown && !g.deep && (free && it.op != opMin || apart && !free) {
				if it.op == opOpt {
					it.op = opOptOne
				} else {
					it.op = opRun
				}
			} else if ch, one := follow.only(); one && !unknown && !g.deep && !free && !atEnd {
				it.lit, it.ch2 = true, ch
			}
			if it.n == 1 {
				follow, atEnd, free, unknown = byteSet{}, false, false, false
			}
			follow.addAll(&set)
		default:
			follow, atEnd, free, unknown = set, false, false, false
		}
	}
	if unknown || free || atEnd {
		return
	}
	if ch, one := follow.only(); one {
		g.headKind, g.headByte = headByte, ch
	} else {
		g.headKind, g.head = headSet, follow
	}
}

// bytes is the set of the bytes that an item may begin with.
func (it *item) bytes(g *program) (s byteSet) {
	switch it.op {
	case opBal:
		s.add(it.ch)
	case opText:
		s.add(g.text[it.at])
	case opChar, opAny, opSet:
		s = it.repeats(it.op - opChar)
	case opOpt, opStar, opMin:
		s = it.repeats(it.kind)
	}
	return s
}

// repeats is the set of what an item of a kind matches.
func (it *item) repeats(kind uint8) (s byteSet) {
	switch kind {
	case kindChar:
		s.add(it.ch)
	case kindAny:
		s = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	case kindSet:
		s = *it.set
	}
	return s
}

// meets tells whether s and o have a byte in common.
func (s *byteSet) meets(o *byteSet) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
