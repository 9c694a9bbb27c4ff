package lib

import (
	"bytes"

	"moonring/lua"
)

// Lua patterns, matched by backtracking as the reference implementation does
// it, so that the same patterns fail with the same errors. What is matched is
// a program (program.go).

const (
	capturesMax = 32  // LUA_MAXCAPTURES
	matchDepth  = 200 // LJ_MAX_XLEVEL: nested calls of match

	noMatch = -1

	// matchLump is how many steps are taken between two charges. A step is a
	// sequence of items tried, or four bytes passed over.
	matchLump = 256
	// matchStepCost is a step's price in units of Call.Charge.
	matchStepCost = 4
)

// charger is the part of Call that a matcher needs: it takes n units from the
// budget and returns false if there are none left.
type charger interface{ Charge(n int) bool }

// matcher matches one program against one subject. There is one for a VM: who
// calls into Lua amid a match begins again (init).
type matcher struct {
	src   []byte
	prog  *program
	depth int
	steps int // steps left until the next charge
	stop  bool
	err   string // why it stopped; empty if the budget is used up
	c     charger
	caps  [capturesMax]struct{ start, len int32 } // as far as prog.caps says that they hold
}

func (m *matcher) init(c charger, src []byte, prog *program) {
	m.src, m.prog, m.c = src, prog, c
	m.stop, m.err = false, ""
	m.steps = matchLump
}

// fail stops the match with an error.
func (m *matcher) fail(msg string) int {
	m.stop = true
	if m.err == "" {
		m.err = msg
	}
	return noMatch
}

// charge is called when the steps have run out.
func (m *matcher) charge() bool {
	n := matchLump - m.steps
	m.steps = matchLump
	if m.c == nil || m.c.Charge(n*matchStepCost) {
		return true
	}
	m.stop = true
	return false
}

// settle ends a match or several: it charges for the steps since the last
// charge if they are worth it. False: the match has failed.
func (m *matcher) settle() bool {
	return !m.stop && (m.steps >= matchLump/2 || m.charge())
}

// find looks for the first match at or after s, which is at most the subject's
// length. Its start and end are returned, noMatch twice if there is none.
func (m *matcher) find(s int) (start, end int) {
	m.depth = 1
	g := m.prog
	if g.anchor {
		if e := m.match(s, 0); e >= 0 {
			return s, e
		}
		return noMatch, noMatch
	}
	for ; s <= len(m.src); s++ {
		switch g.headKind {
		case headByte:
			if s < len(m.src) && m.src[s] == g.headByte {
				break
			}
			i := bytes.IndexByte(m.src[s:], g.headByte)
			if i < 0 {
				m.steps -= (len(m.src) - s) >> 6
				return noMatch, noMatch
			}
			m.steps -= i >> 6
			s += i
		case headSet:
			src, from := m.src, s
			for s < len(src) && !g.head.has(src[s]) {
				s++
			}
			m.steps -= (s - from) >> 2
			if s == len(src) {
				return noMatch, noMatch
			}
		}
		if e := m.match(s, 0); e >= 0 {
			return s, e
		}
		if m.stop {
			break
		}
	}
	return noMatch, noMatch
}

// match matches the items from i on against the subject from s on and returns
// the end of the match, or noMatch.
func (m *matcher) match(s, i int) int {
	if m.steps--; m.steps <= 0 && !m.charge() {
		return noMatch
	}
	src, items := m.src, m.prog.items
	for ; ; i++ {
		it := &items[i]
		switch it.op {
		case opEnd:
			return s
		case opEOS:
			if s != len(src) {
				return noMatch
			}
			return s
		case opFail:
			return noMatch
		case opError:
			return m.fail(m.prog.err)
		case opOpen, opPos:
			m.caps[it.n&(capturesMax-1)].start = int32(s)
			if m.prog.deep {
				return m.deeper(s, i+1)
			}
		case opClose:
			k := &m.caps[it.n&(capturesMax-1)]
			k.len = int32(s) - k.start
			if m.prog.deep {
				return m.deeper(s, i+1)
			}
		case opBack:
			k := m.caps[it.n&(capturesMax-1)]
			m.steps -= int(k.len) >> 5
			if !bytes.HasPrefix(src[s:], src[k.start:k.start+k.len]) {
				return noMatch
			}
			s += int(k.len)
		case opBal:
			if s = m.balance(s, it.ch, byte(it.n)); s < 0 {
				return noMatch
			}
		case opFront:
			var before, after byte
			if s > 0 {
				before = src[s-1]
			}
			if s < len(src) {
				after = src[s]
			}
			if it.set.has(before) || !it.set.has(after) {
				return noMatch
			}
		case opChar:
			if s >= len(src) || src[s] != it.ch {
				return noMatch
			}
			s++
		case opAny:
			if s >= len(src) {
				return noMatch
			}
			s++
		case opSet:
			if s >= len(src) || !it.set.has(src[s]) {
				return noMatch
			}
			s++
		case opText:
			text := m.prog.text[it.at : it.at+it.n]
			if s >= len(src) || src[s] != text[0] || !bytes.HasPrefix(src[s:], text) {
				return noMatch
			}
			m.steps -= len(text) >> 5
			s += len(text)
		case opOptOne:
			if s < len(src) && it.has(src[s]) {
				s++
			}
		case opRun:
			e := s + m.run(src[s:], it)
			if e-s < int(it.n) {
				return noMatch
			}
			s = e
		case opOpt:
			if s < len(src) && it.has(src[s]) {
				if e := m.deeper(s+1, i+1); e >= 0 || m.stop {
					return e
				}
			}
		case opStar:
			return m.maxExpand(s, i)
		case opMin:
			return m.minExpand(s, i)
		}
	}
}

// deeper is match where the reference implementation nests a call.
func (m *matcher) deeper(s, i int) int {
	if m.depth++; m.depth > matchDepth {
		return m.fail("pattern too complex")
	}
	e := m.match(s, i)
	m.depth--
	return e
}

// has tells whether c matches what an item with a quantifier repeats.
func (it *item) has(c byte) bool {
	switch it.kind {
	case kindChar:
		return c == it.ch
	case kindAny:
		return true
	}
	return it.set.has(c)
}

// run returns how many bytes of src match what the item repeats, in a row.
func (m *matcher) run(src []byte, it *item) int {
	i := 0
	switch it.kind {
	case kindChar:
		for i < len(src) && src[i] == it.ch {
			i++
		}
	case kindAny:
		return len(src)
	case kindSet:
		for set := it.set; i < len(src) && set.has(src[i]); i++ {
		}
	}
	m.steps -= i >> 2
	return i
}

// maxExpand matches what item i repeats as often as possible, and then what
// follows.
func (m *matcher) maxExpand(s, i int) int {
	it := &m.prog.items[i]
	end := s + m.run(m.src[s:], it)
	for ; end >= s+int(it.n); end-- {
		if it.lit && (end == len(m.src) || m.src[end] != it.ch2) {
			if m.steps--; m.steps <= 0 && !m.charge() {
				return noMatch
			}
			continue
		}
		if e := m.deeper(end, i+1); e >= 0 || m.stop {
			return e
		}
	}
	return noMatch
}

// minExpand matches what item i repeats as rarely as possible before what
// follows.
func (m *matcher) minExpand(s, i int) int {
	it := &m.prog.items[i]
	if it.lit && it.kind == kindAny {
		for {
			k := bytes.IndexByte(m.src[s:], it.ch2)
			if k < 0 {
				m.steps -= (len(m.src) - s) >> 6
				return noMatch
			}
			m.steps -= k >> 6
			s += k
			if e := m.deeper(s, i+1); e >= 0 || m.stop {
				return e
			}
			s++
		}
	}
	for {
		if it.lit && (s == len(m.src) || m.src[s] != it.ch2) {
			if m.steps--; m.steps <= 0 && !m.charge() {
				return noMatch
			}
		} else if e := m.deeper(s, i+1); e >= 0 || m.stop {
			return e
		}
		if s >= len(m.src) || !it.has(m.src[s]) {
			return noMatch
		}
		s++
	}
}

// balance returns the end of the text at s between open and shut, which may
// nest.
func (m *matcher) balance(s int, open, shut byte) int {
	if s >= len(m.src) || m.src[s] != open {
		return noMatch
	}
	nest := 1
	for i, c := range m.src[s+1:] {
		if c == shut {
			if nest--; nest == 0 {
				m.steps -= i >> 2
				return s + i + 2
			}
		} else if c == open {
			nest++
		}
	}
	m.steps -= (len(m.src) - s) >> 2
	return noMatch
}

// capture returns capture i of the match src[s:e]: a position if isPos, else
// bytes. ok is false after an error.
func (m *matcher) capture(i, s, e int) (b []byte, pos int, isPos, ok bool) {
	if i >= m.prog.ncap {
		if i != 0 {
			m.fail("invalid capture index")
			return nil, 0, false, false
		}
		return m.src[s:e], 0, false, true
	}
	k := m.caps[i]
	switch m.prog.caps[i] {
	case capOpen:
		m.fail("unfinished capture")
		return nil, 0, false, false
	case capPosition:
		return nil, int(k.start) + 1, true, true
	}
	return m.src[k.start : k.start+k.len], 0, false, true
}

// ncaptures is the number of values that a match yields: the whole one if
// the pattern has no captures.
func (m *matcher) ncaptures(whole bool) int {
	if m.prog.ncap == 0 && whole {
		return 1
	}
	return m.prog.ncap
}

// value returns capture i as a value; subject is the one whose bytes are
// matched. ok is false after an error.
func (m *matcher) value(c *lua.Call, subject lua.Value, i, s, e int) (v lua.Value, ok bool) {
	b, pos, isPos, ok := m.capture(i, s, e)
	switch {
	case !ok:
		return lua.Nil, false
	case isPos:
		return lua.Int(pos), true
	case len(b) == len(m.src): // the subject itself, already interned
		return subject, true
	}
	if v = c.VM().NewString(b); v.IsNil() {
		c.MemoryError()
		return lua.Nil, false
	}
	return v, true
}

// failed ends the builtin with the matcher's error, or the one already raised.
func (m *matcher) failed(c *lua.Call) lua.Ret {
	if m.err != "" {
		return c.Errorf("%s", m.err)
	}
	return lua.Fail
}
