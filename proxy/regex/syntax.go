package regex

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// The parser of what our own matcher can run. A pattern comes here after PCRE2 has compiled it, so it is valid, and what the parser
// doesn't know, or isn't sure of, is errForeign: such a pattern is PCRE2's to match.

var errForeign = errors.New("not for our own matcher")

// kind is what a node matches.
type kind uint8

const (
	kindEmpty     kind = iota
	kindLiteral        // text, fold
	kindSet            // one byte of set; of UTF-8 one character of runes
	kindCat            // subs
	kindAlt            // subs
	kindRepeat         // subs[0], min, max, greed
	kindGroup          // subs[0], n: its number
	kindAtomic         // subs[0]
	kindLook           // subs[0]
	kindNotLook        // subs[0]
	kindBehind         // subs[0]
	kindNotBehind      // subs[0]
	kindAssert         // assert
	kindBackref        // n, fold
	kindKeep           // \K
)

// greed is how a repeat chooses.
type greed uint8

const (
	greedy greed = iota
	lazy
	possessive
)

const unbounded = -1 // node.max

// node is a part of a pattern.
type node struct {
	kind     kind
	assert   opcode
	greed    greed
	fold     bool
	text     string
	set      *set
	runes    *runeSet // set is its part below 128
	subs     []*node
	min, max int
	n        int
}

// set is a set of bytes.
type set [256]bool

func (s *set) addRange(from, to int) {
	for i := from; i <= to; i++ {
		s[i] = true
	}
}

func (s *set) add(o *set) {
	for i, in := range o {
		s[i] = s[i] || in
	}
}

// foldASCII adds the other case of each letter.
func (s *set) foldASCII() {
	for c := 'a'; c <= 'z'; c++ {
		in := s[c] || s[c-32]
		s[c], s[c-32] = in, in
	}
}

func (s *set) invert() {
	for i := range s {
		s[i] = !s[i]
	}
}

// runeSet is a set of characters of UTF-8: ASCII in the node's set, others in pairs of the first and the last, in any order, or not in those.
type runeSet struct {
	pairs []rune
	not   bool
}

func (r *runeSet) has(c rune) bool {
	for i := 0; i < len(r.pairs); i += 2 {
		if c >= r.pairs[i] && c <= r.pairs[i+1] {
			return !r.not
		}
	}
	return r.not
}

func setOf(ranges ...int) *set {
	s := new(set)
	for i := 0; i < len(ranges); i += 2 {
		s.addRange(ranges[i], ranges[i+1])
	}
	return s
}

// The sets of escapes and of POSIX's names, as PCRE2's tables of the C locale have them.
var (
	digitSet = setOf('0', '9')
	wordSet  = setOf('0', '9', 'A', 'Z', 'a', 'z', '_', '_')
	spaceSet = setOf('\t', '\r', ' ', ' ')
	horizSet = setOf('\t', '\t', ' ', ' ', 0xa0, 0xa0)
	vertSet  = setOf('\n', '\r', 0x85, 0x85)
	lineSet  = setOf(0, '\n'-1, '\n'+1, 255) // all but a newline
	byteSet  = setOf(0, 255)
	posixSet = map[string]*set{
		"alpha": setOf('A', 'Z', 'a', 'z'), "lower": setOf('a', 'z'), "upper": setOf('A', 'Z'), "alnum": setOf('0', '9', 'A', 'Z', 'a', 'z'),
		"ascii": setOf(0, 127), "blank": setOf('\t', '\t', ' ', ' '), "cntrl": setOf(0, 31, 127, 127), "digit": digitSet,
		"graph": setOf(33, 126), "print": setOf(32, 126), "punct": setOf(33, 47, 58, 64, 91, 96, 123, 126), "space": spaceSet,
		"word": wordSet, "xdigit": setOf('0', '9', 'A', 'F', 'a', 'f'),
	}
)

// parser reads a pattern from left to right.
type parser struct {
	src    string
	at     int
	flags  Flags // in force here
	utf    bool
	groups int
	looks  int // around what is read
	names  map[string]int
	back   bool // there are references
}

// parse returns the tree of a pattern that PCRE2 has compiled, or errForeign.
func parse(src string, flags Flags, names []Name) (*node, *parser, error) {
	const known = Caseless | Multiline | DotAll | Extended | Anchored | UTF | NoUTFCheck | DupNames
	if flags&^known != 0 || flags&UTF != 0 && flags&Caseless != 0 {
		return nil, nil, errForeign
	}
	p := &parser{src: src, flags: flags, utf: flags&UTF != 0, names: make(map[string]int)}
	for _, n := range names {
		if _, ok := p.names[n.Name]; ok {
			return nil, nil, errForeign
		}
		p.names[n.Name] = n.Group
	}
	n, err := p.alternatives(0)
	if err == nil && p.at < len(src) {
		err = errForeign
	}
	return n, p, err
}

const nestingMax = 100

// alternatives reads up to the end of a group or of the pattern.
func (p *parser) alternatives(depth int) (*node, error) {
	if depth > nestingMax {
		return nil, errForeign
	}
	all := &node{kind: kindAlt}
	for {
		n, err := p.sequence(depth)
		if err != nil {
			return nil, err
		}
		all.subs = append(all.subs, n)
		if p.at == len(p.src) || p.src[p.at] != '|' {
			break
		}
		p.at++
	}
	if len(all.subs) == 1 {
		return all.subs[0], nil
	}
	if s := all.single(); s != nil {
		return s, nil
	}
	return all, nil
}

// single is a set for alternatives of one byte each, else nil.
func (n *node) single() *node {
	one := new(set)
	for _, s := range n.subs {
		own, ok := s.bytes()
		if !ok {
			return nil
		}
		one.add(own)
	}
	return &node{kind: kindSet, set: one}
}

// bytes is the set of bytes of which n matches one.
func (n *node) bytes() (*set, bool) {
	switch {
	case n.kind == kindSet && n.runes == nil:
		return n.set, true
	case n.kind == kindLiteral && len(n.text) == 1:
		s := setOf(int(n.text[0]), int(n.text[0]))
		if n.fold {
			s.foldASCII()
		}
		return s, true
	}
	return nil, false
}

// sequence reads one alternative.
func (p *parser) sequence(depth int) (*node, error) {
	cat := &node{kind: kindCat}
	for {
		p.skip()
		if p.at == len(p.src) || p.src[p.at] == '|' || p.src[p.at] == ')' {
			break
		}
		n, err := p.item(depth)
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue
		}
		if n, err = p.quantified(n); err != nil {
			return nil, err
		}
		if last := len(cat.subs) - 1; n.kind == kindLiteral && last >= 0 && cat.subs[last].kind == kindLiteral && cat.subs[last].fold == n.fold {
			cat.subs[last].text += n.text
			continue
		}
		cat.subs = append(cat.subs, n)
	}
	if len(cat.subs) == 1 {
		return cat.subs[0], nil
	}
	return cat, nil
}

// skip goes past what extended syntax ignores, and comments.
func (p *parser) skip() {
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '(' && strings.HasPrefix(p.src[p.at:], "(?#"):
			p.at += strings.IndexByte(p.src[p.at:], ')') + 1 // there is one, or PCRE2 had complained
		case p.flags&Extended == 0:
			return
		case spaceSet[c]:
			p.at++
		case c == '#':
			if end := strings.IndexByte(p.src[p.at:], '\n'); end >= 0 {
				p.at += end + 1
			} else {
				p.at = len(p.src)
			}
		default:
			return
		}
	}
}

const (
	repeatMax = 65535
	newline   = -1 // node.n of \R
)

// quantified reads the quantifiers behind n.
func (p *parser) quantified(n *node) (*node, error) {
	for first := true; ; first = false {
		before := p.at
		p.skip()
		if p.at == len(p.src) {
			return n, nil
		}
		low, high := 0, unbounded
		switch p.src[p.at] {
		case '*':
		case '+':
			low = 1
		case '?':
			high = 1
		case '{':
			end, ok := 0, false
			if low, high, end, ok = braces(p.src[p.at:]); !ok {
				p.at = before
				return n, nil
			}
			p.at += end - 1
		default:
			p.at = before
			return n, nil
		}
		p.at++
		if !first {
			return nil, errForeign
		}
		g := greedy
		if p.at < len(p.src) {
			switch c := p.src[p.at]; {
			case c == '?':
				g = lazy
				p.at++
			case c == '+':
				g = possessive
				p.at++
			case p.flags&Extended != 0 && (spaceSet[c] || c == '#'), c == '(' && strings.HasPrefix(p.src[p.at:], "(?#"):
				return nil, errForeign // where a + behind the space belongs differs between versions
			}
		}
		if high == 0 || n.n == newline && n.kind == kindAtomic {
			return nil, errForeign // PCRE2 has its own way with them: \R??\s+ doesn't find all of "\n\n", (?:^){0}a no "ba"
		}
		switch n.kind {
		case kindSet, kindGroup, kindAtomic, kindBackref, kindCat, kindAlt, kindRepeat, kindLiteral, kindEmpty:
		default:
			return nil, errForeign // assertions
		}
		n = &node{kind: kindRepeat, subs: []*node{n}, min: low, max: high, greed: g}
	}
}

// braces reads {n}, {n,} or {n,m}, as PCRE2 10.40 does: without spaces, and n isn't left out.
func braces(s string) (low, high, end int, ok bool) {
	number := func() (int, bool) {
		v, from := 0, end
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			if v = v*10 + int(s[end]-'0'); v > repeatMax {
				return 0, false
			}
			end++
		}
		return v, end > from
	}
	end = 1
	if low, ok = number(); !ok || end == len(s) {
		return 0, 0, 0, false
	}
	high = low
	if s[end] == ',' {
		end++
		high = unbounded
		if end < len(s) && s[end] != '}' {
			if high, ok = number(); !ok {
				return 0, 0, 0, false
			}
		}
	}
	if end == len(s) || s[end] != '}' {
		return 0, 0, 0, false
	}
	return low, high, end + 1, true
}

// literal is a node for one character, of one byte unless this is UTF-8.
func (p *parser) literal(text string) *node {
	fold := p.flags&Caseless != 0 && strings.ToLower(text) != strings.ToUpper(text)
	if fold {
		text = strings.ToLower(text)
	}
	return &node{kind: kindLiteral, text: text, fold: fold}
}

// oneOf is a node for a byte of s; of UTF-8 for a character of it or of others, nil: all above ASCII, if s has a byte above it, or none.
func (p *parser) oneOf(s *set, others *runeSet) *node {
	if !p.utf {
		return &node{kind: kindSet, set: s}
	}
	if others == nil {
		others = &runeSet{not: s[255]}
	}
	if !others.not && len(others.pairs) == 0 {
		others = nil
	}
	own := *s // the upper half becomes the bytes that a character above ASCII may begin with
	for i := 128; i < 256; i++ {
		own[i] = others != nil
	}
	return &node{kind: kindSet, set: &own, runes: others}
}

func not(s *set) *set {
	n := *s
	n.invert()
	return &n
}

// item reads one item without its quantifier; nil: it matches nothing, not even nothing.
func (p *parser) item(depth int) (*node, error) {
	c := p.src[p.at]
	switch c {
	case '\\':
		return p.escape()
	case '.':
		p.at++
		if p.flags&DotAll != 0 {
			return p.oneOf(byteSet, nil), nil
		}
		return p.oneOf(lineSet, nil), nil
	case '^':
		p.at++
		if p.flags&Multiline != 0 {
			return &node{kind: kindAssert, assert: opLineStart}, nil
		}
		return &node{kind: kindAssert, assert: opTextStart}, nil
	case '$':
		p.at++
		if p.flags&Multiline != 0 {
			return &node{kind: kindAssert, assert: opLineEnd}, nil
		}
		return &node{kind: kindAssert, assert: opLastLineEnd}, nil
	case '[':
		return p.class()
	case '(':
		return p.group(depth)
	case '*', '+', '?':
		return nil, errForeign
	}
	if p.flags&Extended != 0 && c >= 128 {
		return nil, errForeign // some are space there
	}
	size := 1
	if p.utf && c >= 128 {
		_, size = utf8.DecodeRuneInString(p.src[p.at:])
	}
	p.at += size
	return p.literal(p.src[p.at-size : p.at]), nil
}

// group reads what begins with a parenthesis.
func (p *parser) group(depth int) (*node, error) {
	rest := p.src[p.at+1:]
	before := p.flags
	n := &node{}
	switch {
	case strings.HasPrefix(rest, "*"):
		return nil, errForeign
	case !strings.HasPrefix(rest, "?"):
		p.at++
		p.groups++
		n.kind, n.n = kindGroup, p.groups
	case strings.HasPrefix(rest, "?:"):
		p.at += 3
	case strings.HasPrefix(rest, "?>"):
		p.at += 3
		n.kind = kindAtomic
	case strings.HasPrefix(rest, "?="):
		p.at += 3
		n.kind = kindLook
	case strings.HasPrefix(rest, "?!"):
		p.at += 3
		n.kind = kindNotLook
	case strings.HasPrefix(rest, "?<="):
		p.at += 4
		n.kind = kindBehind
	case strings.HasPrefix(rest, "?<!"):
		p.at += 4
		n.kind = kindNotBehind
	case strings.HasPrefix(rest, "?P="):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return nil, errForeign
		}
		p.at += 1 + end + 1
		return p.backrefTo(rest[3:end])
	case strings.HasPrefix(rest, "?<"), strings.HasPrefix(rest, "?P<"), strings.HasPrefix(rest, "?'"):
		at := strings.IndexAny(rest, "<'") + 1
		end := strings.IndexAny(rest[at:], ">'")
		if end < 0 {
			return nil, errForeign
		}
		p.at += 1 + at + end + 1
		p.groups++
		n.kind, n.n = kindGroup, p.groups
		if p.names[rest[at:at+end]] != n.n {
			return nil, errForeign
		}
	default:
		end, flags, ok := p.options(rest[1:])
		if !ok {
			return nil, errForeign
		}
		p.at += 2 + end + 1
		p.flags = flags
		if rest[1+end] == ')' {
			return nil, nil // for the rest of the group around it, and its further alternatives
		}
	}
	look := n.kind >= kindLook && n.kind <= kindNotBehind
	if look {
		p.looks++
	}
	sub, err := p.alternatives(depth + 1)
	if err != nil {
		return nil, err
	}
	if look {
		p.looks--
	}
	if p.at == len(p.src) {
		return nil, errForeign
	}
	p.at++ // the parenthesis
	p.flags = before
	if n.kind == kindEmpty { // one that doesn't capture
		if sub.kind == kindLiteral && len(sub.text) > 1 || sub.kind == kindRepeat || sub.kind == kindAssert {
			return &node{kind: kindCat, subs: []*node{sub}}, nil // a quantifier is for all of it
		}
		return sub, nil
	}
	if n.kind == kindBehind || n.kind == kindNotBehind {
		if sub, err = p.behind(sub); err != nil {
			return nil, err
		}
	}
	n.subs = []*node{sub}
	return n, nil
}

// options reads the letters of (?i) or (?i:.
func (p *parser) options(s string) (end int, flags Flags, ok bool) {
	flags = p.flags
	off := false
	for ; end < len(s); end++ {
		var f Flags
		switch s[end] {
		case 'i':
			f = Caseless
			if p.utf {
				return 0, 0, false
			}
		case 'm':
			f = Multiline
		case 's':
			f = DotAll
		case 'x':
			f = Extended
			if end > 0 && s[end-1] == 'x' {
				return 0, 0, false
			}
		case '-':
			if off {
				return 0, 0, false
			}
			off = true
			continue
		case ')', ':':
			return end, flags, true
		default:
			return 0, 0, false
		}
		if off {
			flags &^= f
		} else {
			flags |= f
		}
	}
	return 0, 0, false
}

// behind readies what is looked for behind: each alternative begins with a step back by its length.
func (p *parser) behind(n *node) (*node, error) {
	subs := []*node{n}
	if n.kind == kindAlt {
		subs = n.subs
	}
	all := &node{kind: kindAlt}
	for _, s := range subs {
		size, ok := s.length()
		if !ok {
			return nil, errForeign
		}
		all.subs = append(all.subs, &node{kind: kindCat, subs: []*node{{kind: kindAssert, assert: opBack, n: size}, s}})
	}
	if len(all.subs) == 1 {
		return all.subs[0], nil
	}
	return all, nil
}

// length is how many bytes n matches, if that is always the same; of UTF-8 characters above ASCII it is not known.
func (n *node) length() (int, bool) {
	switch n.kind {
	case kindEmpty, kindLook, kindNotLook, kindBehind, kindNotBehind:
		return 0, true
	case kindAssert:
		return 0, n.assert != opBack
	case kindLiteral:
		return len(n.text), true
	case kindSet:
		return 1, n.runes == nil
	case kindCat:
		sum := 0
		for _, s := range n.subs {
			l, ok := s.length()
			if !ok {
				return 0, false
			}
			sum += l
		}
		return sum, true
	case kindAlt:
		first, ok := n.subs[0].length()
		for _, s := range n.subs[1:] {
			if l, same := s.length(); !same || l != first {
				return 0, false
			}
		}
		return first, ok
	case kindGroup, kindAtomic:
		return n.subs[0].length()
	case kindRepeat:
		l, ok := n.subs[0].length()
		return l * n.min, ok && n.min == n.max && n.min < 1000
	}
	return 0, false
}

func (p *parser) backref(n int) (*node, error) {
	if n < 1 || p.utf {
		return nil, errForeign
	}
	p.back = true
	return &node{kind: kindBackref, n: n, fold: p.flags&Caseless != 0}, nil
}

// backrefTo is for \k, \g and (?P=: a number, one that counts from here, or a name.
func (p *parser) backrefTo(name string) (*node, error) {
	if n, ok := p.names[name]; ok {
		return p.backref(n)
	}
	v, sign := 0, 0
	if strings.HasPrefix(name, "-") {
		sign, name = -1, name[1:]
	}
	if name == "" || len(name) > 3 {
		return nil, errForeign
	}
	for _, c := range []byte(name) {
		if c < '0' || c > '9' {
			return nil, errForeign
		}
		v = v*10 + int(c-'0')
	}
	if sign < 0 {
		v = p.groups + 1 - v
	}
	return p.backref(v)
}

// escape reads what begins with a backslash, outside of classes.
func (p *parser) escape() (*node, error) {
	if p.at+1 == len(p.src) {
		return nil, errForeign
	}
	assert := func(op opcode) (*node, error) {
		p.at += 2
		return &node{kind: kindAssert, assert: op}, nil
	}
	oneOf := func(s *set) (*node, error) {
		p.at += 2
		return p.oneOf(s, nil), nil
	}
	switch c := p.src[p.at+1]; c {
	case 'b':
		return assert(opWordEdge)
	case 'B':
		return assert(opNotWordEdge)
	case 'A':
		return assert(opTextStart)
	case 'Z':
		return assert(opLastLineEnd)
	case 'z':
		return assert(opTextEnd)
	case 'G':
		return assert(opSearchStart)
	case 'K':
		if p.looks > 0 {
			return nil, errForeign
		}
		p.at += 2
		return &node{kind: kindKeep}, nil
	case 'd':
		return oneOf(digitSet)
	case 'D':
		return oneOf(not(digitSet))
	case 'w':
		return oneOf(wordSet)
	case 'W':
		return oneOf(not(wordSet))
	case 's':
		return oneOf(spaceSet)
	case 'S':
		return oneOf(not(spaceSet))
	case 'N':
		if strings.HasPrefix(p.src[p.at+2:], "{") {
			return nil, errForeign
		}
		return oneOf(lineSet)
	case 'h', 'H', 'v', 'V', 'R':
		if p.utf {
			return nil, errForeign
		}
		switch c {
		case 'h':
			return oneOf(horizSet)
		case 'H':
			return oneOf(not(horizSet))
		case 'v':
			return oneOf(vertSet)
		case 'V':
			return oneOf(not(vertSet))
		}
		p.at += 2
		return &node{kind: kindAtomic, n: newline, subs: []*node{{kind: kindAlt, subs: []*node{{kind: kindLiteral, text: "\r\n"}, {kind: kindSet, set: vertSet}}}}}, nil
	case 'k':
		return p.reference(map[byte]byte{'<': '>', '{': '}', '\'': '\''})
	case 'g':
		return p.reference(map[byte]byte{'{': '}'})
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if p.at+2 < len(p.src) && digitSet[p.src[p.at+2]] {
			return nil, errForeign // a reference or an octal number
		}
		p.at += 2
		return p.backref(int(c - '0'))
	}
	v, ok := p.escaped()
	if !ok {
		return nil, errForeign
	}
	if p.utf {
		return p.literal(string(v)), nil
	}
	return p.literal(string([]byte{byte(v)})), nil
}

// reference reads \k<name> or \g{name}; \g with a bare number too.
func (p *parser) reference(pairs map[byte]byte) (*node, error) {
	rest := p.src[p.at+2:]
	if rest == "" {
		return nil, errForeign
	}
	if p.src[p.at+1] == 'g' && digitSet[rest[0]] {
		end := 1
		for end < len(rest) && digitSet[rest[end]] {
			end++
		}
		p.at += 2 + end
		return p.backrefTo(rest[:end])
	}
	until, ok := pairs[rest[0]]
	if !ok {
		return nil, errForeign
	}
	end := strings.IndexByte(rest[1:], until)
	if end < 0 {
		return nil, errForeign
	}
	p.at += 2 + 1 + end + 1
	return p.backrefTo(rest[1 : 1+end])
}

// escaped reads an escape that stands for one character, inside of classes or outside.
func (p *parser) escaped() (rune, bool) {
	if p.at+1 >= len(p.src) {
		return 0, false
	}
	c := p.src[p.at+1]
	p.at += 2
	switch c {
	case 'a':
		return 7, true
	case 'e':
		return 27, true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case '0':
		v := rune(0)
		for i := 0; i < 2 && p.at < len(p.src) && p.src[p.at] >= '0' && p.src[p.at] <= '7'; i++ {
			v = v*8 + rune(p.src[p.at]-'0')
			p.at++
		}
		return v, true
	case 'x':
		if p.at < len(p.src) && p.src[p.at] == '{' {
			end := strings.IndexByte(p.src[p.at:], '}')
			if end < 2 || end > 7 {
				return 0, false
			}
			v, ok := hex(p.src[p.at+1 : p.at+end])
			p.at += end + 1
			return v, ok && (p.utf && utf8.ValidRune(v) || v < 256)
		}
		from := p.at
		for p.at < len(p.src) && p.at < from+2 && posixSet["xdigit"][p.src[p.at]] {
			p.at++
		}
		v, ok := hex(p.src[from:p.at])
		return v, ok
	}
	if c >= 128 || posixSet["alnum"][c] {
		return 0, false
	}
	return rune(c), true
}

func hex(s string) (v rune, ok bool) {
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			v = v*16 + rune(c-'0')
		case c|32 >= 'a' && c|32 <= 'f':
			v = v*16 + rune(c|32-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// class reads what stands in brackets.
func (p *parser) class() (*node, error) {
	p.at++
	negated := false
	if strings.HasPrefix(p.src[p.at:], "^") {
		negated = true
		p.at++
	}
	s, others := new(set), &runeSet{}
	if strings.HasPrefix(p.src[p.at:], "[:") && !strings.Contains(p.src[p.at:], ":]") {
		return nil, errForeign
	}
	for first := true; ; first = false {
		if p.at >= len(p.src) {
			return nil, errForeign
		}
		if p.src[p.at] == ']' && !first {
			p.at++
			break
		}
		low, many, err := p.member(s, others)
		if err != nil {
			return nil, err
		}
		high := low
		if p.at+1 < len(p.src) && p.src[p.at] == '-' && p.src[p.at+1] != ']' {
			if many {
				return nil, errForeign
			}
			p.at++
			if high, many, err = p.member(s, others); err != nil || many {
				return nil, errForeign
			}
		}
		if many {
			continue
		}
		if high < low {
			return nil, errForeign
		}
		if !p.utf {
			s.addRange(int(low), int(high))
			continue
		}
		if low < 128 {
			s.addRange(int(low), int(min(high, 127)))
		}
		if high >= 128 {
			others.pairs = append(others.pairs, max(low, 128), high)
		}
	}
	if p.flags&Caseless != 0 {
		s.foldASCII()
	}
	if negated {
		s.invert()
		others.not = !others.not
	}
	if p.utf {
		return p.oneOf(s, others), nil
	}
	return p.oneOf(s, nil), nil
}

// member reads a member of a class; many: it was a set of its own, and is in s and others.
func (p *parser) member(s *set, others *runeSet) (c rune, many bool, err error) {
	b := p.src[p.at]
	if b == '[' && p.at+1 < len(p.src) && strings.IndexByte(":.=", p.src[p.at+1]) >= 0 {
		end := strings.Index(p.src[p.at:], ":]")
		if end < 2 || p.src[p.at+1] != ':' {
			return 0, false, errForeign
		}
		name := p.src[p.at+2 : p.at+end]
		negated := strings.HasPrefix(name, "^")
		is, ok := posixSet[strings.TrimPrefix(name, "^")]
		if !ok {
			return 0, false, errForeign
		}
		if p.flags&Caseless != 0 && (name == "lower" || name == "upper" || name == "^lower" || name == "^upper") {
			is = posixSet["alpha"]
		}
		p.at += end + 2
		return 0, true, p.include(s, others, is, negated)
	}
	if b != '\\' {
		size := 1
		c = rune(b)
		if p.utf && b >= 128 {
			c, size = utf8.DecodeRuneInString(p.src[p.at:])
		}
		p.at += size
		return c, false, nil
	}
	if p.at+1 == len(p.src) {
		return 0, false, errForeign
	}
	var is *set
	switch p.src[p.at+1] {
	case 'b':
		p.at += 2
		return 8, false, nil
	case 'd', 'D':
		is = digitSet
	case 'w', 'W':
		is = wordSet
	case 's', 'S':
		is = spaceSet
	case 'h':
		is = horizSet
	case 'v':
		is = vertSet
	}
	if is != nil {
		if p.utf && (is == horizSet || is == vertSet) {
			return 0, false, errForeign
		}
		negated := p.src[p.at+1] < 'a'
		p.at += 2
		return 0, true, p.include(s, others, is, negated)
	}
	c, ok := p.escaped()
	if !ok {
		return 0, false, errForeign
	}
	return c, false, nil
}

// include adds a set of ASCII, or all that is not in it, to a class.
func (p *parser) include(s *set, others *runeSet, is *set, negated bool) error {
	if negated {
		is = not(is)
		if p.utf {
			others.pairs = append(others.pairs, 128, utf8.MaxRune)
		}
	}
	s.add(is)
	return nil
}
