package lib

import (
	"errors"
	"fmt"
	"testing"
)

// ---------------------------------------------------------------------------
// A matcher that only means to be right: continuations instead of state, no
// shortcuts, no budget.

var errPattern = errors.New("")

type naive struct {
	src, pat []byte
	depth    int
}

type naiveCap struct{ start, end int } // end -1 unfinished, -2 position

func patternError(msg string) error { return fmt.Errorf("%w%s", errPattern, msg) }

// item returns the test of the item at p and where it ends.
func (n *naive) item(p int) (test func(c byte) bool, end int) {
	switch n.pat[p] {
	case '.':
		return func(byte) bool { return true }, p + 1
	case '%':
		if p+1 == len(n.pat) {
			panic(patternError("malformed pattern (ends with '%')"))
		}
		e := n.pat[p+1]
		return func(c byte) bool { return naiveEscape(c, e) }, p + 2
	case '[':
		i := p + 1
		invert := i < len(n.pat) && n.pat[i] == '^'
		if invert {
			i++
		}
		first := i
		var close int
		for close = first; ; {
			if close >= len(n.pat) {
				panic(patternError("malformed pattern (missing ']')"))
			}
			if n.pat[close] == '%' && close+1 < len(n.pat) {
				close++
			}
			close++
			if close < len(n.pat) && n.pat[close] == ']' {
				break
			}
		}
		set := n.pat[first:close]
		return func(c byte) bool {
			for i := 0; i < len(set); i++ {
				switch {
				case set[i] == '%':
					i++
					e := byte(']') // the set ends behind a lone '%'
					if i < len(set) {
						e = set[i]
					}
					if naiveEscape(c, e) {
						return !invert
					}
				case i+2 < len(set) && set[i+1] == '-':
					if set[i] <= c && c <= set[i+2] {
						return !invert
					}
					i += 2
				case set[i] == c:
					return !invert
				}
			}
			return invert
		}, close + 1
	}
	c0 := n.pat[p]
	return func(c byte) bool { return c == c0 }, p + 1
}

func naiveEscape(c, e byte) bool {
	in := func(s string) bool {
		for i := range len(s) {
			if s[i] == c {
				return true
			}
		}
		return false
	}
	lower := c >= 'a' && c <= 'z'
	upper := c >= 'A' && c <= 'Z'
	digit := c >= '0' && c <= '9'
	var is bool
	switch e | 0x20 {
	case 'a':
		is = lower || upper
	case 'c':
		is = c < 32 || c == 127
	case 'd':
		is = digit
	case 'g':
		is = c > 32 && c < 127
	case 'l':
		is = lower
	case 'p':
		is = c > 32 && c < 127 && !lower && !upper && !digit
	case 's':
		is = in(" \t\n\v\f\r")
	case 'u':
		is = upper
	case 'w':
		is = lower || upper || digit
	case 'x':
		is = digit || in("abcdefABCDEF")
	case 'z':
		is = c == 0
	default:
		return c == e
	}
	if e >= 'A' && e <= 'Z' {
		return !is
	}
	if e < 'a' || e > 'z' {
		return c == e
	}
	return is
}

// match returns the end of the match of the pattern from p on and the captures.
func (n *naive) match(s, p int, caps []naiveCap, depth int) (int, []naiveCap) {
	if depth > matchDepth {
		panic(patternError("pattern too complex"))
	}
	if n.depth++; n.depth > 20000 {
		panic(errors.New("too much work"))
	}
	if p >= len(n.pat) {
		return s, caps
	}
	with := func(i int, c naiveCap) []naiveCap {
		out := append([]naiveCap(nil), caps...)
		if i == len(out) {
			if i >= capturesMax {
				panic(patternError("too many captures"))
			}
			return append(out, c)
		}
		out[i] = c
		return out
	}
	next := func(i int) byte {
		if i < len(n.pat) {
			return n.pat[i]
		}
		return 0
	}
	switch n.pat[p] {
	case '(':
		if next(p+1) == ')' {
			return n.match(s, p+2, with(len(caps), naiveCap{s, -2}), depth+1)
		}
		return n.match(s, p+1, with(len(caps), naiveCap{s, -1}), depth+1)
	case ')':
		for i := len(caps) - 1; i >= 0; i-- {
			if caps[i].end == -1 {
				return n.match(s, p+1, with(i, naiveCap{caps[i].start, s}), depth+1)
			}
		}
		panic(patternError("invalid pattern capture"))
	case '$':
		if p+1 == len(n.pat) {
			if s == len(n.src) {
				return s, caps
			}
			return -1, nil
		}
	case '%':
		switch c := next(p + 1); {
		case c == 'b':
			if p+3 >= len(n.pat) {
				panic(patternError("unbalanced pattern"))
			}
			if s >= len(n.src) || n.src[s] != n.pat[p+2] {
				return -1, nil
			}
			nest := 1
			for i := s + 1; i < len(n.src); i++ {
				if n.src[i] == n.pat[p+3] {
					if nest--; nest == 0 {
						return n.match(i+1, p+4, caps, depth)
					}
				} else if n.src[i] == n.pat[p+2] {
					nest++
				}
			}
			return -1, nil
		case c == 'f':
			if next(p+2) != '[' {
				panic(patternError("missing '[' after '%f' in pattern"))
			}
			test, end := n.item(p + 2)
			var before, after byte
			if s > 0 {
				before = n.src[s-1]
			}
			if s < len(n.src) {
				after = n.src[s]
			}
			if test(before) || !test(after) {
				return -1, nil
			}
			return n.match(s, end, caps, depth)
		case c >= '0' && c <= '9':
			i := int(c) - '1'
			if i < 0 || i >= len(caps) || caps[i].end == -1 {
				panic(patternError("invalid capture index"))
			}
			if caps[i].end == -2 {
				return -1, nil
			}
			text := n.src[caps[i].start:caps[i].end]
			if len(n.src)-s < len(text) || string(n.src[s:s+len(text)]) != string(text) {
				return -1, nil
			}
			return n.match(s+len(text), p+2, caps, depth)
		}
	}
	test, end := n.item(p)
	is := func(i int) bool { return i < len(n.src) && test(n.src[i]) }
	switch next(end) {
	case '?':
		if is(s) {
			if e, c := n.match(s+1, end+1, caps, depth+1); e >= 0 {
				return e, c
			}
		}
		return n.match(s, end+1, caps, depth)
	case '*', '+':
		i := s
		for is(i) {
			i++
		}
		least := s
		if n.pat[end] == '+' {
			least++
		}
		for ; i >= least; i-- {
			if e, c := n.match(i, end+1, caps, depth+1); e >= 0 {
				return e, c
			}
		}
		return -1, nil
	case '-':
		for i := s; ; i++ {
			if e, c := n.match(i, end+1, caps, depth+1); e >= 0 {
				return e, c
			}
			if !is(i) {
				return -1, nil
			}
		}
	}
	if is(s) {
		return n.match(s+1, end, caps, depth)
	}
	return -1, nil
}

// find describes the first match of pat in src, or the error.
func (n *naive) find(anchor bool) (result string, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			err := r.(error)
			result, ok = "error: "+err.Error(), errors.Is(err, errPattern)
		}
	}()
	for s := 0; s <= len(n.src); s++ {
		if e, caps := n.match(s, 0, nil, 1); e >= 0 {
			result = fmt.Sprintf("%d-%d", s, e)
			for _, c := range caps {
				if c.end == -1 {
					panic(patternError("unfinished capture"))
				}
				if c.end == -2 {
					result += fmt.Sprintf(" @%d", c.start+1)
				} else {
					result += fmt.Sprintf(" %q", n.src[c.start:c.end])
				}
			}
			return result, true
		}
		if anchor {
			break
		}
	}
	return "none", true
}

// ---------------------------------------------------------------------------

// limit is a budget of n units; it counts what is left.
type limit int

func (l *limit) Charge(n int) bool { *l -= limit(n); return *l >= 0 }

// compiled returns the program of pat, in front of which is a '^' if anchor is set.
func compiled(pat []byte, anchor bool) *program {
	g := new(program)
	if anchor {
		pat = append([]byte{'^'}, pat...)
	}
	g.compile(pat, !anchor)
	return g
}

// findFirst describes the first match by the matcher under test.
func findFirst(src, pat []byte, anchor bool, budget int) string {
	l := limit(budget)
	var m matcher
	m.init(&l, src, compiled(pat, anchor))
	s, e := m.find(0)
	if m.stop {
		return "error: " + m.err
	}
	if s < 0 {
		return "none"
	}
	r := fmt.Sprintf("%d-%d", s, e)
	for i := range m.ncaptures(false) {
		b, pos, isPos, ok := m.capture(i, s, e)
		switch {
		case !ok:
			return "error: " + m.err
		case isPos:
			r += fmt.Sprintf(" @%d", pos)
		default:
			r += fmt.Sprintf(" %q", b)
		}
	}
	return r
}

func compareWithNaive(t *testing.T, src, pat []byte) {
	t.Helper()
	anchor := len(pat) > 0 && pat[0] == '^'
	if anchor {
		pat = pat[1:]
	}
	until := pat
	for i, c := range pat {
		if c == 0 {
			until = pat[:i]
			break
		}
	}
	n := naive{src: src, pat: until}
	want, ok := n.find(anchor)
	got := findFirst(src, pat, anchor, 1_000_000)
	if got == "error: " {
		return // out of budget
	}
	if ok && got != want {
		t.Errorf("%q in %q, anchor %v: %s, want %s", pat, src, anchor, got, want)
	}
}

func TestPattern(t *testing.T) {
	patterns := []string{"", "a", "ab", "a*", "a-b", "a+", "a?b", ".", ".-", ".*b", "(a)(b)", "()a()", "(a*(.)%w(%s*))", "%bxy", "%b()", "%f[%w]%w+", "[a-c]+", "[^a-c]+", "[]]",
		"[^]]", "[a-]", "[%a-z]", "[%]]", "%1", "(a)%1", "(a%1", "(", ")", "[", "[a", "%", "a%", "%f", "%b", "%bx", "^a", "^", "$", "a$", "a$b", "x-$", "(a+)(b+)", "(.)%1", "((a)b)",
		"[%w_]+%.", "%s*(.-)%s*$", "%d+", "%x%X", "%z", "%Z+", "a\x00b", "(()())", "b-()", "[a%-z]", "[z-a]", "%a%A", "%p+", "%c", "%g*", "%l%u", "a**", "a+?", "-", "?", "*a", "(a(b(c", "a(b)c)", "[ab", "[]a]x", "[^]a]x", "[%]a]b", "[a%", "([ab]+)b", "([ab])(b", "(%a)%d", "[^%s]+$"}
	subjects := []string{"", "a", "b", "ab", "aab", "abab", "xaby", "(a(b)c)d", "hello world", "  trim  ", "a]b-c", "a\x00b", "ABC123abc", "aa bb\ncc", "x.y_z", "AaBb", "abc"}
	for _, p := range patterns {
		for _, s := range subjects {
			compareWithNaive(t, []byte(s), []byte(p))
		}
	}
}

func TestPatternIsBounded(t *testing.T) {
	var src []byte
	for range 3000 {
		src = append(src, 'a')
	}
	for _, p := range []string{".-.-.-b", "a*a*a*b", "(a*)a*(a*)b", "a-a-a-a-a-b", "%f[b]", "[a-y]*[a-y]*z", "(.-)(.-)(.-)%1b", "a?a?a?a?a?a?b"} {
		l := limit(10_000_000)
		var m matcher
		m.init(&l, src, compiled([]byte(p), false))
		m.find(0)
		if p != "%f[b]" && p != "a?a?a?a?a?a?b" && (!m.stop || m.err != "") {
			t.Errorf("%s: not ended by the budget", p)
		}
		if l < -100_000 {
			t.Errorf("%s: overdrawn by %d", p, -l)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"hello", "l+"}, {"k=v", "(%w+)=(%w+)"}, {"((x))", "%b()"}, {"THE (quick)", "%f[%a]%a+"}, {"aaa", "a-b"}, {"a]c", "[]%]c]+"}, {"abab", "(a)(b)%1%2"}, {"x", "[%"}} {
		f.Add([]byte(s[0]), []byte(s[1]))
	}
	f.Fuzz(func(t *testing.T, src, pat []byte) {
		if len(src) > 60 || len(pat) > 40 {
			findFirst(src, pat, false, 1_000_000)
			return
		}
		compareWithNaive(t, src, pat)
	})
}

func BenchmarkPattern(b *testing.B) {
	text := []byte("GET /index.html?user=alice&id=42 HTTP/1.1")
	for _, p := range []string{"^(%u+) (%S+)", "([%w_]+)=([%w_]+)", "(.-)=", "%d+", "HTTP/(%d)%.(%d)$"} {
		b.Run(p, func(b *testing.B) {
			pat := []byte(p)
			anchor := pat[0] == '^'
			if anchor {
				pat = pat[1:]
			}
			var m matcher
			g := compiled(pat, anchor)
			for b.Loop() {
				m.init(nil, text, g)
				if s, _ := m.find(0); s < 0 {
					b.Fatal("no match")
				}
			}
		})
	}
}
