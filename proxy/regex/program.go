package regex

import (
	"math"
	"strings"
	"unsafe"
)

// What a tree is compiled to: instructions for a machine that goes back to its last choice when it fails (see machine.go).

type opcode uint8

const (
	opFail       opcode = iota
	opMatch             // the end
	opByte              // c
	opText              // b bytes of text from a
	opTextFold          // the same, in lower case; the subject in any
	opSet               // a byte of set
	opRune              // a character of set or runes
	opSplit             // to a; later to b. set and follow: what the next byte has to be in for that, 0: nothing has to
	opSwitch            // to the alternatives of a, in order, that can begin with the next byte
	opJump              // to a
	opOpen              // group a begins
	opClose             // and ends
	opRepeat            // a to b bytes of set, as many as there are, then fewer; the byte behind is in follow
	opRepeatLazy        // the same, as few as do
	opRepeatAll         // the same, never fewer than there are
	opRuneRepeat        // as these, for characters of set or runes
	opRuneRepeatLazy
	opRuneRepeatAll
	opLoop        // register a is here
	opLoopCheck   // to b if it still is: what is repeated matched nothing
	opTextStart   // \A
	opLineStart   // ^ of several lines
	opTextEnd     // \z
	opLastLineEnd // \Z, $
	opLineEnd     // $ of several lines
	opWordEdge    // \b
	opNotWordEdge // \B
	opSearchStart // \G
	opBack        // a bytes back
	opKeep        // \K
	opAtomic      // what follows, up to the end, is not gone back to
	opAtomicEnd   //
	opLook        // the same, and then it is as if it had not been read; the end is at a
	opLookEnd     //
	opNotLook     // to a if what follows, up to the end, fails
	opNotLookEnd  //
	opBackref     // what group a matched
	opBackrefFold //
)

type inst struct {
	op          opcode
	c           byte
	set, follow uint16 // indexes of program.sets
	a, b        int32
}

// program is a compiled pattern. It doesn't change.
type program struct {
	code  []inst
	sets  []*set
	runes []*runeSet // by set, nil for sets of bytes
	text  string
	// switches has for each opSwitch the list for each byte: where it begins in targets; lists end with -1.
	switches [][256]int32
	targets  []int32
	groups   int
	regs     int

	utf       bool
	start     startKind
	least     int        // no match is shorter
	prefix    string     // all matches begin with it
	filter    *[256]byte // bit i: the byte may be at i in a match, for the first filterLen
	filterLen int
	required  string // is in all matches
}

// startKind is where matches can begin.
type startKind uint8

const (
	startAnywhere startKind = iota
	startText               // at the begin
	startLine               // at the begin of a line
	startSearch             // where the search begins
)

const (
	codeMax    = 5000
	setsMax    = 4096
	followsMax = 2000 // places looked at to see what follows one
	filterMax  = 3
)

// size is how much memory it takes, in bytes.
func (p *program) size() int {
	return int(unsafe.Sizeof(*p)) + len(p.code)*int(unsafe.Sizeof(inst{})) + len(p.sets)*len(set{}) + len(p.switches)*4*256 + len(p.targets)*4
}

type compiling struct {
	program
	setIndex map[set]uint16
	err      error
	seen     []int // by place: the last look at what follows that came there
	looks    int
}

// newProgram compiles a pattern that PCRE2 has accepted; nil: that is beyond what our own matcher can do.
func newProgram(pattern string, flags Flags, names []Name) *program {
	n, p, err := parse(pattern, flags, names)
	if err != nil {
		return nil
	}
	c := &compiling{setIndex: make(map[set]uint16)}
	c.utf = p.utf
	c.sets, c.runes = append(c.sets, byteSet), append(c.runes, nil) // 0: anything
	c.groups = p.groups
	c.regs = 3 * (p.groups + 1)
	c.emit(n)
	c.add(inst{op: opMatch})
	if c.err != nil {
		return nil
	}
	c.analyse(n, p.back)
	return &c.program
}

func (c *compiling) add(i inst) int {
	if len(c.code) >= codeMax || len(c.sets) > setsMax || c.err != nil {
		c.err = errForeign
		return 0
	}
	c.code = append(c.code, i)
	return len(c.code) - 1
}

// setOf gives a set its index.
func (c *compiling) setOf(s *set, r *runeSet) uint16 {
	if r == nil {
		if i, ok := c.setIndex[*s]; ok {
			return i
		}
		c.setIndex[*s] = uint16(len(c.sets))
	}
	c.sets, c.runes = append(c.sets, s), append(c.runes, r)
	return uint16(len(c.sets) - 1)
}

func (c *compiling) here() int32 { return int32(len(c.code)) }

// emit adds the code for n.
func (c *compiling) emit(n *node) {
	switch n.kind {
	case kindLiteral:
		op := opText
		if n.fold {
			op = opTextFold
		}
		if len(n.text) == 1 {
			if n.fold {
				s, _ := n.bytes()
				c.add(inst{op: opSet, set: c.setOf(s, nil)})
			} else {
				c.add(inst{op: opByte, c: n.text[0]})
			}
			return
		}
		at := strings.Index(c.text, n.text)
		if at < 0 {
			at = len(c.text)
			c.text += n.text
		}
		c.add(inst{op: op, a: int32(at), b: int32(len(n.text))})
	case kindSet:
		op := opSet
		if n.runes != nil {
			op = opRune
		}
		c.add(inst{op: op, set: c.setOf(n.set, n.runes)})
	case kindCat:
		for _, s := range n.subs {
			c.emit(s)
		}
	case kindAlt:
		c.alternatives(n)
	case kindRepeat:
		c.repeat(n)
	case kindGroup:
		c.add(inst{op: opOpen, a: int32(n.n)})
		c.emit(n.subs[0])
		c.add(inst{op: opClose, a: int32(n.n)})
	case kindAtomic:
		c.around(opAtomic, opAtomicEnd, n)
	case kindLook, kindBehind:
		c.around(opLook, opLookEnd, n)
	case kindNotLook, kindNotBehind:
		c.around(opNotLook, opNotLookEnd, n)
	case kindAssert:
		c.add(inst{op: n.assert, a: int32(n.n)})
	case kindBackref:
		op := opBackref
		if n.fold {
			op = opBackrefFold
		}
		c.add(inst{op: op, a: int32(n.n)})
	case kindKeep:
		c.add(inst{op: opKeep})
	}
}

func (c *compiling) around(begin, end opcode, n *node) {
	at := c.add(inst{op: begin})
	c.emit(n.subs[0])
	c.add(inst{op: end})
	if c.err == nil {
		c.code[at].a = c.here()
	}
}

// alternatives: a chain of splits, each to one alternative and to the next split.
func (c *compiling) alternatives(n *node) {
	var ends []int
	for i, s := range n.subs {
		split := -1
		if i < len(n.subs)-1 {
			split = c.add(inst{op: opSplit, a: c.here() + 1})
		}
		c.emit(s)
		if split >= 0 {
			ends = append(ends, c.add(inst{op: opJump}))
			if c.err == nil {
				c.code[split].b = c.here()
			}
		}
	}
	if c.err == nil {
		for _, e := range ends {
			c.code[e].a = c.here()
		}
	}
}

func (c *compiling) repeat(n *node) {
	s := n.subs[0]
	if n.min == 1 && n.max == 1 {
		if n.greed == possessive {
			c.around(opAtomic, opAtomicEnd, n)
		} else {
			c.emit(s)
		}
		return
	}
	high := int32(math.MaxInt32)
	if n.max != unbounded {
		high = int32(n.max)
	}
	if bytes, ok := s.bytes(); ok {
		c.add(inst{op: opRepeat + opcode(n.greed), set: c.setOf(bytes, nil), a: int32(n.min), b: high})
		return
	}
	if s.kind == kindSet {
		c.add(inst{op: opRuneRepeat + opcode(n.greed), set: c.setOf(s.set, s.runes), a: int32(n.min), b: high})
		return
	}
	if n.greed == possessive {
		own := *n
		own.greed = greedy
		c.around(opAtomic, opAtomicEnd, &node{subs: []*node{&own}})
		return
	}
	copies := n.min
	if n.max == unbounded && copies > 0 {
		copies-- // the last one is the loop's
	}
	for range copies {
		if c.emit(s); c.err != nil {
			return
		}
	}
	// split goes to what is repeated, and past it.
	split := func(to int32) int {
		if n.greed == lazy {
			return c.add(inst{op: opSplit, b: to})
		}
		return c.add(inst{op: opSplit, a: to})
	}
	var splits []int
	if n.max == unbounded {
		if n.min == 0 {
			splits = append(splits, split(c.here()+1))
		}
		loop := c.here()
		empty := s.least() == 0
		var reg int32
		check := 0
		if empty {
			reg = int32(c.regs)
			c.regs++
			c.add(inst{op: opLoop, a: reg})
		}
		c.emit(s)
		if empty {
			check = c.add(inst{op: opLoopCheck, a: reg})
		}
		splits = append(splits, split(loop))
		if empty && c.err == nil {
			c.code[check].b = c.here()
		}
	} else {
		for range n.max - n.min {
			splits = append(splits, split(c.here()+1))
			if c.emit(s); c.err != nil {
				return
			}
		}
	}
	for _, at := range splits {
		if c.err != nil {
			return
		}
		if n.greed == lazy {
			c.code[at].a = c.here()
		} else {
			c.code[at].b = c.here()
		}
	}
}

// least is the length of the shortest match, in bytes.
func (n *node) least() int {
	switch n.kind {
	case kindLiteral:
		return len(n.text)
	case kindSet:
		return 1
	case kindCat:
		sum := 0
		for _, s := range n.subs {
			sum = min(sum+s.least(), 1<<20)
		}
		return sum
	case kindAlt:
		best := math.MaxInt
		for _, s := range n.subs {
			best = min(best, s.least())
		}
		return best
	case kindRepeat:
		return min(n.min*n.subs[0].least(), 1<<20)
	case kindGroup, kindAtomic:
		return n.subs[0].least()
	}
	return 0
}

// required is the longest text that every match has in it.
func (n *node) required() string {
	best := ""
	switch n.kind {
	case kindLiteral:
		if !n.fold {
			best = n.text
		}
	case kindCat:
		for _, s := range n.subs {
			if r := s.required(); len(r) > len(best) {
				best = r
			}
		}
	case kindRepeat:
		if n.min > 0 {
			best = n.subs[0].required()
		}
	case kindGroup, kindAtomic:
		best = n.subs[0].required()
	}
	return best
}

// follows is what can come at a place of the code: the bytes that may be read next. ends: the match can end without another, surely,
// or if what is asserted holds.
type follows struct {
	set         set
	ends, maybe bool
}

// follows looks at all ways from pc.
func (c *compiling) follows(pc int) *follows {
	c.looks++
	var f follows
	left := followsMax
	c.look(pc, 0, &f, &left)
	return &f
}

// look is for follows; inside is how many groups it has come into that are not gone back into.
func (c *compiling) look(pc, inside int, f *follows, left *int) {
	for {
		if c.seen[pc] == c.looks {
			return
		}
		c.seen[pc] = c.looks
		if *left--; *left < 0 {
			f.set, f.maybe = *byteSet, true
			return
		}
		in := &c.code[pc]
		switch in.op {
		case opFail:
			return
		case opMatch, opLookEnd, opNotLookEnd:
			f.ends = true
			return
		case opAtomic:
			inside++
		case opAtomicEnd:
			if inside == 0 { // what has matched in here stays
				f.ends = true
				return
			}
			inside--
		case opByte:
			f.set[in.c] = true
			return
		case opText:
			f.set[c.text[in.a]] = true
			return
		case opTextFold:
			b := c.text[in.a]
			f.set[b] = true
			if b >= 'a' && b <= 'z' {
				f.set[b-32] = true
			}
			return
		case opSet, opRune:
			f.set.add(c.sets[in.set])
			return
		case opRepeat, opRepeatLazy, opRepeatAll, opRuneRepeat, opRuneRepeatLazy, opRuneRepeatAll:
			f.set.add(c.sets[in.set])
			if in.a > 0 {
				return
			}
		case opSplit:
			c.look(int(in.a), inside, f, left)
			pc = int(in.b)
			continue
		case opJump:
			pc = int(in.a)
			continue
		case opSwitch:
			for b, t := range c.switches[in.a] {
				f.set[b] = f.set[b] || c.targets[t] >= 0
			}
			return
		case opLoopCheck:
			c.look(int(in.b), inside, f, left)
		case opLook, opNotLook:
			// What is behind it decides; it can only forbid.
			was := f.ends
			f.ends = false
			c.look(int(in.a), inside, f, left)
			f.maybe, f.ends = f.maybe || f.ends, was
			return
		case opTextStart, opLineStart, opTextEnd, opLastLineEnd, opLineEnd, opWordEdge, opNotWordEdge, opSearchStart:
			was := f.ends
			f.ends = false
			c.look(pc+1, inside, f, left)
			f.maybe, f.ends = f.maybe || f.ends, was
			return
		case opBack, opBackref, opBackrefFold:
			f.set, f.maybe = *byteSet, true
			return
		}
		pc++
	}
}

// analyse adds what makes matching fast: what has to come next at splits and behind repeats, and where matches can begin.
func (c *compiling) analyse(n *node, back bool) {
	c.seen = make([]int, len(c.code))
	for pc := range c.code {
		in := &c.code[pc]
		switch in.op {
		case opSplit:
			in.set, in.follow = c.peek(int(in.a)), c.peek(int(in.b))
		case opRepeat, opRuneRepeat:
			c.settle(pc)
		case opRepeatLazy:
			in.follow = c.peek(pc + 1)
		}
	}
	c.start = c.starts(0, back)
	for pc := range c.code {
		c.widen(pc)
	}
	c.least = n.least()
	c.required = n.required()
	c.begins()
	if len(c.required) <= len(c.prefix) || c.start == startText || c.start == startSearch {
		c.required = ""
	}
}

// peek is a set for the byte that has to be at pc, 0 if none has to.
func (c *compiling) peek(pc int) uint16 {
	f := c.follows(pc)
	if f.ends || f.maybe || f.set == *byteSet || len(c.sets) > setsMax {
		return 0
	}
	return c.setOf(&f.set, nil)
}

// settle finds out if a greedy repeat can ever do with fewer than there are.
func (c *compiling) settle(pc int) {
	in := &c.code[pc]
	own := c.sets[in.set]
	all := func() { in.op += opRepeatAll - opRepeat }
	// Captures between the repeat and an assertion change nothing.
	next := pc + 1
	for c.code[next].op == opClose || c.code[next].op == opOpen {
		next++
	}
	switch c.code[next].op {
	case opTextEnd:
		all()
		return
	case opLastLineEnd, opLineEnd:
		if !own['\n'] {
			all()
			return
		}
	case opWordEdge:
		within := true
		for i, is := range own {
			within = within && (!is || wordSet[i])
		}
		if within && in.a > 0 {
			all()
			return
		}
	}
	f := c.follows(pc + 1)
	if f.maybe {
		return
	}
	apart := true
	for i, is := range own {
		apart = apart && !(is && f.set[i])
	}
	if apart || f.ends {
		all()
	} else if f.set != *byteSet && len(c.sets) <= setsMax {
		in.follow = c.setOf(&f.set, nil)
	}
}

const switchMin = 4

// widen makes one switch of a chain of splits that begins at pc.
func (c *compiling) widen(pc int) {
	var subs []int
	at := pc
	for c.code[at].op == opSplit && c.code[at].set != 0 && int(c.code[at].a) == at+1 && int(c.code[at].b) > at {
		subs = append(subs, int(c.code[at].a))
		if c.code[at].follow == 0 {
			return
		}
		at = int(c.code[at].b)
	}
	if len(subs)+1 < switchMin {
		return
	}
	subs = append(subs, at)
	peeks := make([]*set, len(subs))
	for i, s := range subs {
		p := c.peek(s)
		if p == 0 {
			return
		}
		peeks[i] = c.sets[p]
	}
	if len(c.targets) > codeMax*8 {
		return
	}
	var table [256]int32
	lists := make(map[string]int32)
	for b := range 256 {
		var list []int32
		for i, s := range subs {
			if peeks[i][b] {
				list = append(list, int32(s))
			}
		}
		var key strings.Builder
		for _, t := range list {
			key.WriteString(string(rune(t)) + ",")
		}
		begin, ok := lists[key.String()]
		if !ok {
			begin = int32(len(c.targets))
			lists[key.String()] = begin
			c.targets = append(append(c.targets, list...), -1)
		}
		table[b] = begin
	}
	c.code[pc] = inst{op: opSwitch, a: int32(len(c.switches))}
	c.switches = append(c.switches, table)
}

// starts is where a match can begin that goes through pc first.
func (c *compiling) starts(pc int, back bool) startKind {
	for {
		in := &c.code[pc]
		switch in.op {
		case opTextStart:
			return startText
		case opSearchStart:
			return startSearch
		case opLineStart:
			return startLine
		case opSplit:
			a, b := c.starts(int(in.a), back), c.starts(int(in.b), back)
			if a == b && int(in.a) > pc && int(in.b) > pc {
				return a
			}
			return startAnywhere
		case opRepeat, opRepeatAll:
			// .* has tried all places up to the end of the line.
			if in.a == 0 && in.b == math.MaxInt32 && !back && *c.sets[in.set] == *lineSet {
				return startLine
			}
			if in.a == 0 && in.b == math.MaxInt32 && !back && *c.sets[in.set] == *byteSet {
				return startSearch
			}
			return startAnywhere
		case opOpen:
		default:
			return startAnywhere
		}
		pc++
	}
}

// place is where a reader of the code is: at code[pc], k bytes into its text.
type place struct{ pc, k int }

// begins finds the text that all matches begin with, and what their first bytes can be.
func (c *compiling) begins() {
	for pc := 0; ; pc++ {
		in := &c.code[pc]
		if in.op == opByte {
			c.prefix += string([]byte{in.c})
		} else if in.op == opText {
			c.prefix += c.text[in.a : in.a+in.b]
		} else if in.op != opOpen && in.op != opClose {
			break
		}
	}
	var filter [256]byte
	var now []place
	seen := make(map[place]bool)
	if !c.readers(place{}, &now, seen) {
		return
	}
	for i := 0; i < filterMax && i < c.least; i++ {
		var can set
		var next []place
		seen, whole := make(map[place]bool), true
		for _, p := range now {
			in := &c.code[p.pc]
			then := place{p.pc + 1, 0}
			switch in.op {
			case opByte:
				can[in.c] = true
			case opText, opTextFold:
				b := c.text[int(in.a)+p.k]
				can[b] = true
				if in.op == opTextFold && b >= 'a' && b <= 'z' {
					can[b-32] = true
				}
				if p.k+1 < int(in.b) {
					then = place{p.pc, p.k + 1}
				}
			case opRune, opRuneRepeat, opRuneRepeatLazy, opRuneRepeatAll:
				can.add(c.sets[in.set])
				whole = false
				continue
			default: // a repeat or a set
				can.add(c.sets[in.set])
				if in.op != opSet && !seen[p] {
					seen[p] = true
					next = append(next, p)
				}
			}
			whole = c.readers(then, &next, seen) && whole
		}
		for b, in := range can {
			if in {
				filter[b] |= 1 << i
			}
		}
		c.filterLen = i + 1
		if !whole || len(next) > 1000 {
			break
		}
		now = next
	}
	// A filter that lets nearly all pass costs more than it saves.
	passes := 1.0
	for i := range c.filterLen {
		n := 0
		for _, bits := range filter {
			n += int(bits >> i & 1)
		}
		passes *= float64(n) / 256
	}
	if passes > 0.5 {
		c.filterLen = 0
		return
	}
	c.filter = &filter
}

// readers adds the places that read a byte, on all ways from p; false: what comes is not known, or there may come nothing.
func (c *compiling) readers(p place, to *[]place, seen map[place]bool) bool {
	for {
		if seen[p] {
			return true
		}
		seen[p] = true
		in := &c.code[p.pc]
		switch in.op {
		case opByte, opText, opTextFold, opSet, opRune:
			*to = append(*to, p)
			return true
		case opRepeat, opRepeatLazy, opRepeatAll, opRuneRepeat, opRuneRepeatLazy, opRuneRepeatAll:
			*to = append(*to, p)
			if in.a > 0 {
				return true
			}
		case opSplit:
			if !c.readers(place{pc: int(in.a)}, to, seen) {
				return false
			}
			p = place{pc: int(in.b)}
			continue
		case opSwitch:
			for b := range 256 {
				for t := c.switches[in.a][b]; c.targets[t] >= 0; t++ {
					if !c.readers(place{pc: int(c.targets[t])}, to, seen) {
						return false
					}
				}
			}
			return true
		case opJump:
			p = place{pc: int(in.a)}
			continue
		case opLook, opNotLook:
			p = place{pc: int(in.a)}
			continue
		case opLoopCheck:
			if !c.readers(place{pc: int(in.b)}, to, seen) {
				return false
			}
		case opOpen, opClose, opLoop, opAtomic, opAtomicEnd, opTextStart, opLineStart, opTextEnd, opLastLineEnd, opLineEnd, opWordEdge,
			opNotWordEdge, opSearchStart, opKeep:
		default:
			return false
		}
		p = place{pc: p.pc + 1}
	}
}
