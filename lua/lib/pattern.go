package lib

import "bytes"

// Lua patterns, matched by backtracking as the reference implementation does
// it, so that the same patterns fail with the same errors.

const (
	capturesMax = 32  // LUA_MAXCAPTURES
	matchDepth  = 200 // LJ_MAX_XLEVEL: nested calls of match

	capUnfinished = -1
	capPosition   = -2

	noMatch = -1

	// matchLump is how many steps are taken between two charges. A step is one
	// pattern item tried, or four bytes passed over.
	matchLump = 256
	// matchStepCost is a step's price in units of Call.Charge.
	matchStepCost = 4
)

// charger is the part of Call that a matcher needs: it takes n units from the
// budget and returns false if there are none left.
type charger interface{ Charge(n int) bool }

// matcher matches one pattern against one subject. It holds only offsets, so
// that it can live on the stack.
type matcher struct {
	src   []byte
	pat   []byte // without the anchor; ends where the first NUL was
	level int    // captures begun
	depth int
	steps int // steps left until the next charge
	stop  bool
	err   string // why it stopped; empty if the budget is used up
	c     charger
	caps  [capturesMax]struct{ start, len int32 }

	setAt  int // where in pat the item of set begins, plus 1; 0 if there is none
	set    byteSet
	headAt int // the same for head, the set of the bytes that a match begins with
	head   byteSet
}

func (m *matcher) init(c charger, src, pat []byte) {
	if i := bytes.IndexByte(pat, 0); i >= 0 {
		pat = pat[:i] // patterns end at a NUL, as in C
	}
	m.src, m.pat, m.c = src, pat, c
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

// settle charges for the steps since the last charge.
func (m *matcher) settle() bool {
	if m.stop {
		return false
	}
	return m.charge()
}

// start prepares for a match at another place.
func (m *matcher) start() { m.level, m.depth = 0, 0 }

// at returns the pattern's byte i, 0 at its end.
func (m *matcher) at(i int) byte {
	if i < len(m.pat) {
		return m.pat[i]
	}
	return 0
}

// find looks for the first match at or after s. Its start and end are
// returned, noMatch twice if there is none.
func (m *matcher) find(s int, anchor bool) (start, end int) {
	if anchor {
		m.start()
		if e := m.match(s, 0); e >= 0 {
			return s, e
		}
		return noMatch, noMatch
	}
	lit, head := m.first()
	for ; s <= len(m.src); s++ {
		if head != nil {
			from := s
			for s < len(m.src) && !head.has(m.src[s]) {
				s++
			}
			m.steps -= (s - from) >> 2
			if s == len(m.src) {
				break
			}
		} else if lit >= 0 {
			i := bytes.IndexByte(m.src[s:], byte(lit))
			if i < 0 {
				m.steps -= (len(m.src) - s) >> 6
				break
			}
			m.steps -= i >> 6
			s += i
		}
		m.start()
		if e := m.match(s, 0); e >= 0 {
			return s, e
		}
		if m.stop {
			break
		}
	}
	return noMatch, noMatch
}

// first returns the byte that each match begins with, negative if there is no
// such byte, or the set of those it may begin with.
func (m *matcher) first() (lit int, head *byteSet) {
	p := 0
	if m.at(0) == '(' && m.at(1) != ')' {
		p = 1
	}
	end := p + 1
	switch m.at(p) {
	case 0, '(', ')', '.':
		return -1, nil
	case '$':
		if end == len(m.pat) {
			return -1, nil
		}
	case '[':
		if end = m.setEnd(p); end < 0 {
			return -1, nil // the error is due when the set is reached
		}
	case '%':
		e := m.at(p + 1)
		if e == 'b' || e == 'f' || e == 0 || e-'0' < 10 {
			return -1, nil
		}
		end++
	}
	switch m.at(end) {
	case '?', '*', '-':
		return -1, nil
	}
	switch m.pat[p] {
	case '[':
		if m.headAt != p+1 {
			m.headAt = p + 1
			m.head = *m.classSet(p, end-1)
		}
		return -1, &m.head
	case '%':
		return -1, &escapeSets[m.pat[p+1]]
	}
	return int(m.pat[p]), nil
}

// match matches the pattern from p on against the subject from s on and
// returns the end of the match, or noMatch.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > matchDepth {
		return m.fail("pattern too complex")
	}
	end := noMatch
loop:
	for {
		if m.steps--; m.steps <= 0 && !m.charge() {
			break
		}
		if p >= len(m.pat) {
			end = s
			break
		}
		switch m.pat[p] {
		case '(':
			if m.at(p+1) == ')' {
				end = m.startCapture(s, p+2, capPosition)
			} else {
				end = m.startCapture(s, p+1, capUnfinished)
			}
			break loop
		case ')':
			end = m.endCapture(s, p+1)
			break loop
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					end = s
				}
				break loop
			}
		case '%':
			var special bool
			if s, p, special = m.escape(s, p); special {
				if s < 0 {
					break loop
				}
				continue
			}
		}
		ep := m.itemEnd(p)
		if ep < 0 {
			break
		}
		switch m.at(ep) {
		case '?':
			if s < len(m.src) && m.single(m.src[s], p, ep) {
				if end = m.match(s+1, ep+1); end >= 0 || m.stop {
					break loop
				}
			}
			p = ep + 1
		case '*':
			end = m.maxExpand(s, 0, p, ep)
			break loop
		case '+':
			end = m.maxExpand(s, 1, p, ep)
			break loop
		case '-':
			end = m.minExpand(s, p, ep)
			break loop
		default:
			if s >= len(m.src) || !m.single(m.src[s], p, ep) {
				break loop
			}
			s++
			p = ep
		}
	}
	m.depth--
	return end
}

// escape matches what begins with '%' at p and is no single character: %b, %f
// and back references. special is false for all else. next and rest are where
// to go on in subject and pattern; next is negative if there is no match.
func (m *matcher) escape(s, p int) (next, rest int, special bool) {
	switch e := m.at(p + 1); e {
	case 'b':
		return m.balance(s, p+2), p + 4, true
	case 'f':
		p += 2
		if m.at(p) != '[' {
			return m.fail("missing '[' after '%f' in pattern"), p, true
		}
		ep := m.itemEnd(p)
		if ep < 0 {
			return noMatch, p, true
		}
		var before, after byte
		if s > 0 {
			before = m.src[s-1]
		}
		if s < len(m.src) {
			after = m.src[s]
		}
		if m.inClass(before, p, ep-1) || !m.inClass(after, p, ep-1) {
			return noMatch, p, true
		}
		return s, ep, true
	default:
		if e-'0' < 10 {
			return m.backReference(s, e), p + 2, true
		}
	}
	return s, p, false
}

// itemEnd returns where the single-character item at p ends; negative after
// an error.
func (m *matcher) itemEnd(p int) int {
	c := m.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pat) {
			return m.fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if p = m.setEnd(p - 1); p < 0 {
			return m.fail("malformed pattern (missing ']')")
		}
	}
	return p
}

// setEnd returns where the set that begins at p ends, -1 if it doesn't.
func (m *matcher) setEnd(p int) int {
	p++
	if m.at(p) == '^' {
		p++
	}
	for first := true; first || m.at(p) != ']'; first = false { // a ']' in front is one of the set
		if p >= len(m.pat) {
			return -1
		}
		c := m.pat[p]
		p++
		if c == '%' && p < len(m.pat) {
			p++ // an escaped ']', among others
		}
		m.steps--
	}
	return p + 1
}

// single tells whether c matches the item pat[p:ep].
func (m *matcher) single(c byte, p, ep int) bool {
	switch k := m.pat[p]; k {
	case '.':
		return true
	case '%':
		return matchEscape(c, m.pat[p+1])
	case '[':
		return m.inClass(c, p, ep-1)
	default:
		return k == c
	}
}

// inClass tells whether c is in the set pat[p:end+1], whose ']' is at end.
func (m *matcher) inClass(c byte, p, end int) bool {
	sig := true
	if m.pat[p+1] == '^' {
		sig = false
		p++
	}
	for p++; p < end; p++ {
		k := m.pat[p]
		if k == '%' {
			p++
			if matchEscape(c, m.pat[p]) {
				return sig
			}
		} else if m.pat[p+1] == '-' && p+2 < end {
			p += 2
			if k <= c && c <= m.pat[p] {
				return sig
			}
		} else if k == c {
			return sig
		}
	}
	return !sig
}

// classSet returns the set pat[p:end+1] as a bitmap, which is worth it for
// repetitions. The last one is remembered.
func (m *matcher) classSet(p, end int) *byteSet {
	if m.setAt == p+1 {
		return &m.set
	}
	m.setAt = p + 1
	m.set = byteSet{}
	invert := false
	if m.pat[p+1] == '^' {
		invert = true
		p++
	}
	for p++; p < end; p++ {
		k := m.pat[p]
		if k == '%' {
			p++
			m.set.addAll(&escapeSets[m.pat[p]])
		} else if m.pat[p+1] == '-' && p+2 < end {
			p += 2
			for c := int(k); c <= int(m.pat[p]); c++ {
				m.set.add(byte(c))
			}
		} else {
			m.set.add(k)
		}
		m.steps--
	}
	if invert {
		for i := range m.set {
			m.set[i] = ^m.set[i]
		}
	}
	return &m.set
}

// run returns how many bytes of src match the item pat[p:ep] in a row.
func (m *matcher) run(src []byte, p, ep int) int {
	i := 0
	switch k := m.pat[p]; k {
	case '.':
		return len(src)
	case '%':
		for set := &escapeSets[m.pat[p+1]]; i < len(src) && set.has(src[i]); i++ {
		}
	case '[':
		for set := m.classSet(p, ep-1); i < len(src) && set.has(src[i]); i++ {
		}
	default:
		for i < len(src) && src[i] == k {
			i++
		}
	}
	m.steps -= i >> 2
	return i
}

// maxExpand matches the item pat[p:ep], at least least times, as often as
// possible, and then what follows its '*' or '+' at ep.
func (m *matcher) maxExpand(s, least, p, ep int) int {
	end := s + m.run(m.src[s:], p, ep)
	rest := ep + 1
	if rest == len(m.pat) && m.depth < matchDepth { // nothing follows
		if end-s < least {
			return noMatch
		}
		return end
	}
	lit, has := m.follows(rest)
	for ; end >= s+least; end-- {
		if has && (end == len(m.src) || m.src[end] != lit) {
			if m.steps--; m.steps <= 0 && !m.charge() {
				return noMatch
			}
			continue
		}
		if e := m.match(end, rest); e >= 0 || m.stop {
			return e
		}
	}
	return noMatch
}

// minExpand matches the item pat[p:ep] as rarely as possible before what
// follows its '-' at ep.
func (m *matcher) minExpand(s, p, ep int) int {
	rest := ep + 1
	lit, has := m.follows(rest)
	if has && m.pat[p] == '.' {
		for {
			i := bytes.IndexByte(m.src[s:], lit)
			if i < 0 {
				m.steps -= (len(m.src) - s) >> 6
				return noMatch
			}
			m.steps -= i >> 6
			s += i
			if e := m.match(s, rest); e >= 0 || m.stop {
				return e
			}
			s++
		}
	}
	for {
		if has && (s == len(m.src) || m.src[s] != lit) {
			if m.steps--; m.steps <= 0 && !m.charge() {
				return noMatch
			}
		} else if e := m.match(s, rest); e >= 0 || m.stop {
			return e
		}
		if s >= len(m.src) || !m.single(m.src[s], p, ep) {
			return noMatch
		}
		s++
	}
}

// follows returns the byte without which the pattern from p on can't match,
// if that is as simple as a literal, maybe behind the end of a capture. Then
// expansions need not try places without it.
func (m *matcher) follows(p int) (lit byte, ok bool) {
	if m.at(p) == ')' {
		if m.level == 0 || m.caps[m.level-1].len != capUnfinished {
			return 0, false // an error may be due
		}
		p++
	}
	if m.depth > matchDepth-2 {
		return 0, false // and here another
	}
	switch c := m.at(p); c {
	case 0, '(', ')', '.', '[', '%', '$':
		return 0, false
	default:
		switch m.at(p + 1) {
		case '?', '*', '-':
			return 0, false
		}
		return c, true
	}
}

func (m *matcher) startCapture(s, p, what int) int {
	if m.level >= capturesMax {
		return m.fail("too many captures")
	}
	m.caps[m.level].start = int32(s)
	m.caps[m.level].len = int32(what)
	m.level++
	e := m.match(s, p)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *matcher) endCapture(s, p int) int {
	l := m.level - 1
	for l >= 0 && m.caps[l].len != capUnfinished {
		l--
	}
	if l < 0 {
		return m.fail("invalid pattern capture")
	}
	m.caps[l].len = int32(s) - m.caps[l].start
	e := m.match(s, p)
	if e < 0 {
		m.caps[l].len = capUnfinished
	}
	return e
}

// backReference matches %1..%9; the digit is d.
func (m *matcher) backReference(s int, d byte) int {
	l := int(d) - '1'
	if l < 0 || l >= m.level || m.caps[l].len == capUnfinished {
		return m.fail("invalid capture index")
	}
	k := m.caps[l]
	// A position capture has no length; C's comparison of sizes fails.
	if k.len < 0 || len(m.src)-s < int(k.len) {
		return noMatch
	}
	m.steps -= int(k.len) >> 5
	if !bytes.Equal(m.src[k.start:k.start+k.len], m.src[s:s+int(k.len)]) {
		return noMatch
	}
	return s + int(k.len)
}

// balance matches %bxy; x is at p.
func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		return m.fail("unbalanced pattern")
	}
	open, shut := m.pat[p], m.pat[p+1]
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
	if i >= m.level {
		if i != 0 {
			m.fail("invalid capture index")
			return nil, 0, false, false
		}
		return m.src[s:e], 0, false, true
	}
	k := m.caps[i]
	switch k.len {
	case capUnfinished:
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
	if m.level == 0 && whole {
		return 1
	}
	return m.level
}
