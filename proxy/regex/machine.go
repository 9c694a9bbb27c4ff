package regex

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// frame is what the machine goes back to when it fails: a choice, a repeat that can do with less, or more, what a register was, or a
// barrier, which stands where something begins that is not gone back into once it has ended.
type frame struct {
	kind frameKind
	pc   int32
	pos  int32
	a    int32
}

type frameKind int32

const (
	frameChoice     frameKind = iota // go on at pc, pos
	frameSwitch                      // the same, at the next of the targets from pc
	frameRepeat                      // the repeat at pc, up to pos now, and at least to a
	frameRepeatLazy                  // the same; a more may be read
	frameRuneRepeat
	frameRuneRepeatLazy
	frameRegister // register pc was pos
	frameBarrier  // a: the barrier around it; pos: where it began; if pc isn't -1, failing in here means to go on there
)

const (
	framesMin  = 64
	keptFrames = 1 << 12
	framesMax  = 1 << 20
	// scanned is how many bytes of a repeat count as a step.
	scanned = 16
)

// machine runs programs. What it holds grows with what it is asked to do, up to framesMax.
type machine struct {
	stack []frame
	regs  []int32
	steps int // that are left
}

// search looks for the first match of p in s that begins at from or behind it; anchored: at from. The registers have the groups then.
func (m *machine) search(p *program, s []byte, from int, anchored bool) (found bool, err error) {
	if cap(m.regs) < p.regs {
		m.regs = make([]int32, p.regs)
	}
	m.regs = m.regs[:p.regs]
	last := len(s) - p.least
	at := from
	switch {
	case p.start == startText && from > 0, at > last:
		return false, nil
	case p.start == startText, p.start == startSearch, anchored:
		last = at
	case p.required != "" && len(s)-from > 16:
		m.steps -= (len(s) - from) / scanned
		if indexOf(s[from:], p.required) < 0 {
			return false, nil
		}
	}
	for i := range m.regs {
		m.regs[i] = -1
	}
	for ; at <= last; at++ {
		switch {
		case last == from: // there is one place alone
		case p.start == startLine:
			if at > from && s[at-1] != '\n' {
				i := bytes.IndexByte(s[at:], '\n')
				if i < 0 || at+i+1 > last {
					return false, nil
				}
				m.steps -= i / scanned
				at += i + 1
			}
		case p.prefix != "":
			i := indexOf(s[at:], p.prefix)
			if i < 0 {
				return false, nil
			}
			m.steps -= i / scanned
			at += i
		case p.filter != nil:
			i := at
			switch f := p.filter; p.filterLen {
			case 1:
				for i <= last && f[s[i]] == 0 {
					i++
				}
			case 2:
				for i <= last && f[s[i]]&(f[s[i+1]]>>1)&1 == 0 {
					i++
				}
			default:
				for i <= last && f[s[i]]&(f[s[i+1]]>>1)&(f[s[i+2]]>>2)&1 == 0 {
					i++
				}
			}
			m.steps -= (i - at) / scanned
			if at = i; at > last {
				return false, nil
			}
		}
		if p.utf && at > from && at < len(s) && !utf8.RuneStart(s[at]) {
			continue
		}
		if found, err = m.run(p, s, at, from); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

func indexOf(s []byte, text string) int {
	if len(text) == 1 {
		return bytes.IndexByte(s, text[0])
	}
	if n := len(text); n <= len(s) {
		// bytes.Index without making bytes of text.
		return strings.Index(viewOf(s), text)
	}
	return -1
}

// rune reads a character at pos; what isn't one is read as a byte.
func (p *program) rune(s []byte, pos int, set uint16) (size int, in bool) {
	b := s[pos]
	if b < utf8.RuneSelf {
		return 1, p.sets[set][b]
	}
	r := p.runes[set]
	if r == nil {
		return 1, false
	}
	c, size := utf8.DecodeRune(s[pos:])
	return size, r.has(c)
}

func wordEdge(s []byte, pos int) bool {
	before := pos > 0 && wordSet[s[pos-1]]
	behind := pos < len(s) && wordSet[s[pos]]
	return before != behind
}

// run tries to match at one place.
func (m *machine) run(p *program, s []byte, at, from int) (bool, error) {
	code, regs, stack := p.code, m.regs, m.stack
	sp, barrier := 0, int32(-1)
	pc, pos, begin := 0, at, at
	dirty := false
	groups := 2 * (p.groups + 1)
	// Frames are pushed without a function of their own: it would be called for each.
	for {
		in := &code[pc]
		switch in.op {
		case opByte:
			if pos < len(s) && s[pos] == in.c {
				pos++
				pc++
				continue
			}
		case opText:
			if text := p.text[in.a : in.a+in.b]; len(s)-pos >= len(text) && string(s[pos:pos+len(text)]) == text {
				pos += len(text)
				pc++
				continue
			}
		case opTextFold:
			if text := p.text[in.a : in.a+in.b]; len(s)-pos >= len(text) && sameFolded(s[pos:pos+len(text)], text) {
				pos += len(text)
				pc++
				continue
			}
		case opSet:
			if pos < len(s) && p.sets[in.set][s[pos]] {
				pos++
				pc++
				continue
			}
		case opRune:
			if pos < len(s) {
				if size, ok := p.rune(s, pos, in.set); ok {
					pos += size
					pc++
					continue
				}
			}
		case opSplit:
			m.steps-- // what goes round without a choice counts, too
			first, second := true, true
			if in.set|in.follow != 0 {
				if pos < len(s) {
					b := s[pos]
					first, second = p.sets[in.set][b], p.sets[in.follow][b]
				} else {
					first, second = in.set == 0, in.follow == 0
				}
			}
			if first {
				if second {
					if sp == len(stack) {
						if stack = m.grow(stack); stack == nil {
							return false, ErrLimit
						}
					}
					stack[sp] = frame{frameChoice, in.b, int32(pos), 0}
					sp++
				}
				pc = int(in.a)
				continue
			}
			if second {
				pc = int(in.b)
				continue
			}
		case opSwitch:
			if pos < len(s) {
				t := p.switches[in.a][s[pos]]
				if to := p.targets[t]; to >= 0 {
					if p.targets[t+1] >= 0 {
						if sp == len(stack) {
							if stack = m.grow(stack); stack == nil {
								return false, ErrLimit
							}
						}
						stack[sp] = frame{frameSwitch, t + 1, int32(pos), 0}
						sp++
					}
					pc = int(to)
					continue
				}
			}
		case opJump:
			pc = int(in.a)
			continue
		case opOpen, opLoop:
			reg := int(in.a)
			if in.op == opOpen {
				reg += groups
			}
			if sp > 0 {
				if sp == len(stack) {
					if stack = m.grow(stack); stack == nil {
						return false, ErrLimit
					}
				}
				stack[sp] = frame{frameRegister, int32(reg), regs[reg], 0}
				sp++
			} else {
				dirty = true
			}
			regs[reg] = int32(pos)
			pc++
			continue
		case opClose:
			reg := 2 * int(in.a)
			if sp > 0 {
				if sp+2 > len(stack) {
					if stack = m.grow(stack); stack == nil {
						return false, ErrLimit
					}
				}
				stack[sp] = frame{frameRegister, int32(reg), regs[reg], 0}
				stack[sp+1] = frame{frameRegister, int32(reg + 1), regs[reg+1], 0}
				sp += 2
			} else {
				dirty = true
			}
			regs[reg], regs[reg+1] = regs[groups+int(in.a)], int32(pos)
			pc++
			continue
		case opRepeat, opRepeatAll:
			set, end := p.sets[in.set], len(s)
			if int64(pos)+int64(in.b) < int64(end) {
				end = pos + int(in.b)
			}
			i := pos
			for i < end && set[s[i]] {
				i++
			}
			m.steps -= (i - pos) / scanned
			least := pos + int(in.a)
			if i >= least {
				if in.op == opRepeat {
					if in.follow != 0 {
						set = p.sets[in.follow]
						for i == len(s) || i >= least && !set[s[i]] {
							i--
						}
						if i < least {
							break
						}
					}
					if i > least {
						if sp == len(stack) {
							if stack = m.grow(stack); stack == nil {
								return false, ErrLimit
							}
						}
						stack[sp] = frame{frameRepeat, int32(pc), int32(i), int32(least)}
						sp++
					}
				}
				pos = i
				pc++
				continue
			}
		case opRepeatLazy:
			i, set := pos, p.sets[in.set]
			least := pos + int(in.a)
			for i < len(s) && i < least && set[s[i]] {
				i++
			}
			if i == least {
				if sp == len(stack) {
					if stack = m.grow(stack); stack == nil {
						return false, ErrLimit
					}
				}
				// It goes on as if it had failed with one byte less.
				stack[sp] = frame{frameRepeatLazy, int32(pc), int32(i), in.b - in.a}
				sp++
				if in.follow == 0 || i < len(s) && p.sets[in.follow][s[i]] {
					pos = i
					pc++
					continue
				}
			}
		case opRuneRepeat, opRuneRepeatAll:
			n, i := int32(0), pos
			least := pos
			for i < len(s) && n < in.b {
				size, ok := p.rune(s, i, in.set)
				if !ok {
					break
				}
				i += size
				if n++; n == in.a {
					least = i
				}
			}
			m.steps -= (i - pos) / scanned
			if n >= in.a {
				if in.op == opRuneRepeat && i > least {
					if sp == len(stack) {
						if stack = m.grow(stack); stack == nil {
							return false, ErrLimit
						}
					}
					stack[sp] = frame{frameRuneRepeat, int32(pc), int32(i), int32(least)}
					sp++
				}
				pos = i
				pc++
				continue
			}
		case opRuneRepeatLazy:
			n, i := int32(0), pos
			for i < len(s) && n < in.a {
				size, ok := p.rune(s, i, in.set)
				if !ok {
					break
				}
				i += size
				n++
			}
			if n == in.a {
				if sp == len(stack) {
					if stack = m.grow(stack); stack == nil {
						return false, ErrLimit
					}
				}
				stack[sp] = frame{frameRuneRepeatLazy, int32(pc), int32(i), in.b - in.a}
				sp++
				pos = i
				pc++
				continue
			}
		case opLoopCheck:
			if int(regs[in.a]) == pos {
				pc = int(in.b)
			} else {
				pc++
			}
			continue
		case opTextStart:
			if pos == 0 {
				pc++
				continue
			}
		case opLineStart:
			if pos == 0 || s[pos-1] == '\n' && pos < len(s) {
				pc++
				continue
			}
		case opTextEnd:
			if pos == len(s) {
				pc++
				continue
			}
		case opLastLineEnd:
			if pos == len(s) || pos == len(s)-1 && s[pos] == '\n' {
				pc++
				continue
			}
		case opLineEnd:
			if pos == len(s) || s[pos] == '\n' {
				pc++
				continue
			}
		case opWordEdge:
			if wordEdge(s, pos) {
				pc++
				continue
			}
		case opNotWordEdge:
			if !wordEdge(s, pos) {
				pc++
				continue
			}
		case opSearchStart:
			if pos == from {
				pc++
				continue
			}
		case opBack:
			if pos >= int(in.a) {
				pos -= int(in.a)
				pc++
				continue
			}
		case opKeep:
			// Where the match begins is register 0.
			if sp > 0 {
				if sp == len(stack) {
					if stack = m.grow(stack); stack == nil {
						return false, ErrLimit
					}
				}
				stack[sp] = frame{frameRegister, 0, regs[0], 0}
				sp++
			} else {
				dirty = true
			}
			regs[0] = int32(pos)
			pc++
			continue
		case opAtomic, opLook, opNotLook:
			if sp == len(stack) {
				if stack = m.grow(stack); stack == nil {
					return false, ErrLimit
				}
			}
			to := int32(-1)
			if in.op == opNotLook {
				to = in.a
			}
			stack[sp] = frame{frameBarrier, to, int32(pos), barrier}
			barrier = int32(sp)
			sp++
			pc++
			continue
		case opAtomicEnd, opLookEnd:
			// The choices made since go; what registers were stays.
			b := &stack[barrier]
			if in.op == opLookEnd {
				pos = int(b.pos)
			}
			to := int(barrier)
			barrier = b.a
			for i := to + 1; i < sp; i++ {
				if stack[i].kind == frameRegister {
					stack[to] = stack[i]
					to++
				}
			}
			m.steps -= (sp - to) / scanned
			sp = to
			pc++
			continue
		case opNotLookEnd:
			for sp--; sp > int(barrier); sp-- {
				if f := &stack[sp]; f.kind == frameRegister {
					regs[f.pc] = f.pos
				}
			}
			barrier = stack[sp].a
		case opBackref, opBackrefFold:
			if start, end := regs[2*in.a], regs[2*in.a+1]; start >= 0 {
				text := s[start:end]
				if rest := len(s) - pos; rest >= len(text) {
					other := s[pos : pos+len(text)]
					if bytes.Equal(other, text) || in.op == opBackrefFold && equalFolded(other, text) {
						m.steps -= len(text) / scanned
						pos += len(text)
						pc++
						continue
					}
				}
			}
		case opMatch:
			if regs[0] >= 0 {
				begin = int(regs[0])
			}
			regs[0], regs[1] = int32(begin), int32(pos)
			return true, nil
		}

		// Back to the last choice.
	back:
		if sp == 0 {
			if dirty {
				for i := range regs {
					regs[i] = -1
				}
			}
			m.steps--
			if m.steps < 0 {
				return false, ErrLimit
			}
			return false, nil
		}
		if m.steps--; m.steps < 0 {
			return false, ErrLimit
		}
		f := &stack[sp-1]
		switch f.kind {
		case frameChoice:
			sp--
			pc, pos = int(f.pc), int(f.pos)
			continue
		case frameSwitch:
			pc, pos = int(p.targets[f.pc]), int(f.pos)
			if f.pc++; p.targets[f.pc] < 0 {
				sp--
			}
			continue
		case frameRegister:
			sp--
			regs[f.pc] = f.pos
			goto back
		case frameRepeat:
			i, least := int(f.pos)-1, int(f.a)
			if follow := code[f.pc].follow; follow != 0 {
				set := p.sets[follow]
				for i >= least && !set[s[i]] {
					i--
				}
				m.steps -= (int(f.pos) - i) / scanned
			}
			if i <= least {
				sp--
				if i < least {
					goto back
				}
			}
			f.pos = int32(i)
			pc, pos = int(f.pc)+1, i
			continue
		case frameRepeatLazy:
			rep := &code[f.pc]
			i, set := int(f.pos), p.sets[rep.set]
			end := len(s)
			if int64(i)+int64(f.a) < int64(end) {
				end = i + int(f.a)
			}
			// One more at least; more if what follows can't be there yet.
			if i >= end || !set[s[i]] {
				sp--
				goto back
			}
			i++
			if rep.follow != 0 {
				follow := p.sets[rep.follow]
				for i < len(s) && !follow[s[i]] {
					if i >= end || !set[s[i]] {
						i = len(s)
						break
					}
					i++
				}
				m.steps -= (i - int(f.pos)) / scanned
				if i >= len(s) {
					sp--
					goto back
				}
			}
			f.a -= int32(i) - f.pos
			f.pos = int32(i)
			pc, pos = int(f.pc)+1, i
			continue
		case frameRuneRepeat:
			i := int(f.pos) - 1
			for i > int(f.a) && !utf8.RuneStart(s[i]) {
				i--
			}
			if f.pos = int32(i); i <= int(f.a) {
				sp--
			}
			pc, pos = int(f.pc)+1, i
			continue
		case frameRuneRepeatLazy:
			if int(f.pos) < len(s) && f.a > 0 {
				if size, ok := p.rune(s, int(f.pos), code[f.pc].set); ok {
					f.pos += int32(size)
					f.a--
					pc, pos = int(f.pc)+1, int(f.pos)
					continue
				}
			}
			sp--
			goto back
		case frameBarrier:
			sp--
			barrier = f.a
			if f.pc >= 0 {
				pc, pos = int(f.pc), int(f.pos)
				continue
			}
			goto back
		}
	}
}

// grow makes room for more frames; nil: there are too many. The stack is left as it was then.
func (m *machine) grow(stack []frame) []frame {
	if len(stack) >= framesMax {
		return nil
	}
	n := max(framesMin, 2*len(stack))
	grown := make([]frame, n)
	copy(grown, stack)
	m.stack = grown
	return grown
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		b += 32
	}
	return b
}

func sameFolded(s []byte, text string) bool {
	for i, b := range s {
		if lower(b) != text[i] {
			return false
		}
	}
	return true
}

func equalFolded(a, b []byte) bool {
	for i := range a {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}
