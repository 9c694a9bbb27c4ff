package cosocket

import (
	"bytes"
	"strings"
	"testing"
)

// feed gives the pieces of a stream that comes in parts.
func feed(r *Reader, parts ...string) (piece string, done bool, rest string) {
	for i, p := range parts {
		data := []byte(p)
		got, used, done := r.Feed(data)
		if done {
			return string(got), true, p[used:] + strings.Join(parts[i+1:], "")
		}
		if used != len(p) {
			panic("input is left, but more is wanted")
		}
	}
	return string(r.Partial()), false, ""
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		mode  Mode
		n     int64
		parts string // by |
		piece string
		done  bool
		rest  string
	}{
		{Line, 0, "abc\ndef", "abc", true, "def"},
		{Line, 0, "abc\r\n", "abc", true, ""},
		{Line, 0, "a\rb\r\r\nx", "ab", true, "x"},
		{Line, 0, "\n", "", true, ""},
		{Line, 0, "a\r|b|\r|\nx", "ab", true, "x"},
		{Line, 0, "abc", "abc", false, ""},
		{Count, 3, "abcdef", "abc", true, "def"},
		{Count, 3, "a|b|cdef", "abc", true, "def"},
		{Count, 3, "ab", "ab", false, ""},
		{Any, 3, "ab", "ab", true, ""},
		{Any, 3, "abcd", "abc", true, "d"},
		{All, 0, "a|b|c", "abc", false, ""},
	} {
		var r Reader
		r.Begin(c.mode, c.n)
		piece, done, rest := feed(&r, strings.Split(c.parts, "|")...)
		if piece != c.piece || done != c.done || rest != c.rest {
			t.Errorf("%d of %q: %q %v %q", c.mode, c.parts, piece, done, rest)
		}
		if p, ok := r.End(); !done && (ok != (c.mode == All) || string(p) != c.piece) {
			t.Errorf("%d of %q: at the end %q %v", c.mode, c.parts, p, ok)
		}
	}
}

func newPattern(text string) Pattern {
	p := Pattern{Text: []byte(text), Table: make([]byte, PatternSize(len(text)))}
	PatternTable(p.Table, p.Text)
	return p
}

func TestUntil(t *testing.T) {
	for _, c := range []struct{ pattern, parts, piece, rest string }{
		{"\r\n", "abc\r\ndef", "abc", "def"},
		{"--abc", "hello, world ----abc", "hello, world --", ""},
		{"ab1ab2", "ab1ab1ab2x", "ab1", "x"},
		{"aa", "aaa", "", "a"},
		{"abacad", "ab|ac|ab|acad", "abac", ""},
		{"x", "abc|x", "abc", ""},
		{"aaab", "aaaaaab", "aaa", ""},
		{"ababababababc", "ababababababababc", "abab", ""},
	} {
		var r Reader
		r.BeginUntil(newPattern(c.pattern), 0)
		piece, done, rest := feed(&r, strings.Split(c.parts, "|")...)
		if !done || piece != c.piece || rest != c.rest || r.Pattern().Found {
			t.Errorf("%q in %q: %q %v %q", c.pattern, c.parts, piece, done, rest)
		}
		p := newPattern(c.pattern)
		p.Inclusive = true
		r.BeginUntil(p, 0)
		if piece, _, _ := feed(&r, strings.Split(c.parts, "|")...); piece != c.piece+c.pattern {
			t.Errorf("%q in %q, inclusive: %q", c.pattern, c.parts, piece)
		}
	}
	// What looks like the pattern at the end is not part of the piece.
	var r Reader
	r.BeginUntil(newPattern("--abc"), 0)
	if piece, done, _ := feed(&r, "hello--a"); done || piece != "hello" || r.Pattern().State != 3 {
		t.Errorf("%q %v %d", piece, done, r.Pattern().State)
	}
}

// sized reads with a bound until the pattern is found.
func sized(pattern, input string, n int64) (pieces []string) {
	var r Reader
	p := newPattern(pattern)
	for {
		r.BeginUntil(p, n)
		piece, used, done := r.Feed([]byte(input))
		p = *r.Pattern()
		input = input[used:]
		if !done {
			return append(pieces, "...")
		}
		pieces = append(pieces, string(piece))
		if p.Found {
			return pieces
		}
	}
}

// The pieces are those of lua-nginx-module's test suite.
func TestSizedUntil(t *testing.T) {
	for _, c := range []struct {
		pattern, input string
		n              int64
		want           string
	}{
		{"--abc", "hello, world ----abc", 4, "hell|o, w|orld| --"},
		{"abc", "abx12abc", 1, "ab|x|1|2|"},
		{"\r\n", "abcdef\r\n", 3, "abc|def|"},
		{"aaa", "aabaaa", 1, "aa|b|"},
	} {
		if got := strings.Join(sized(c.pattern, c.input, c.n), "|"); got != c.want {
			t.Errorf("%q in %q by %d: %q, want %q", c.pattern, c.input, c.n, got, c.want)
		}
	}
}

// FuzzUntil compares with a search in the whole, however the input is cut, and with bounds: then the pieces make up the same.
func FuzzUntil(f *testing.F) {
	f.Add([]byte("--abc"), []byte("hello, world ----abc and more"), uint8(3), uint8(4))
	f.Add([]byte("aab"), []byte("aaaaaab"), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, text, input []byte, cut, bound uint8) {
		if len(text) == 0 || len(text) > 1000 {
			return
		}
		p := newPattern(string(text))
		at := bytes.Index(input, text)
		var all []byte
		var r Reader
		left := input
		found := false
		for !found && len(left) > 0 {
			r.BeginUntil(p, int64(bound))
			for len(left) > 0 {
				n := min(int(cut)+1, len(left))
				piece, used, done := r.Feed(left[:n])
				if used > n || used == 0 && !done {
					t.Fatalf("%d of %d bytes used", used, n)
				}
				left = left[used:]
				if done {
					all = append(all, piece...)
					found = bound == 0 || r.Pattern().Found
					break
				}
				if used != n {
					t.Fatalf("%d of %d bytes used, and more is wanted", used, n)
				}
				if len(left) == 0 {
					all = append(all, r.Partial()...)
				}
			}
			p = *r.Pattern()
			if p.State >= len(text) {
				t.Fatalf("state %d", p.State)
			}
		}
		if found != (at >= 0) {
			t.Fatalf("found %v, at %d", found, at)
		}
		if at >= 0 {
			if !bytes.Equal(all, input[:at]) || len(left) != len(input)-at-len(text) {
				t.Fatalf("%q, want %q; %d left", all, input[:at], len(left))
			}
		} else if want := input[:len(input)-p.State]; !bytes.Equal(all, want) || !bytes.HasSuffix(input, text[:p.State]) {
			t.Fatalf("%q, want %q", all, want)
		}
	})
}

// FuzzReader compares pieces of a stream with those of the same stream cut elsewhere.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a\r\nbc\n\rd"), uint8(2), uint8(0), int16(3))
	f.Fuzz(func(t *testing.T, input []byte, cut, mode uint8, n int16) {
		m := Mode(mode % 3)
		if n <= 0 {
			return
		}
		read := func(cut int) (piece []byte, done bool, left int) {
			var r Reader
			r.Begin(m, int64(n))
			for at := 0; at < len(input); {
				end := min(at+cut, len(input))
				piece, used, done := r.Feed(input[at:end])
				at += used
				if done {
					return bytes.Clone(piece), true, len(input) - at
				}
			}
			p, ok := r.End()
			return bytes.Clone(p), ok, 0
		}
		a, aDone, aLeft := read(len(input) + 1)
		b, bDone, bLeft := read(int(cut) + 1)
		if !bytes.Equal(a, b) || aDone != bDone || aLeft != bLeft {
			t.Fatalf("%q %v %d, in parts %q %v %d", a, aDone, aLeft, b, bDone, bLeft)
		}
	})
}

func TestReaderAllocatesNothing(t *testing.T) {
	var r Reader
	line, body := []byte("$5\r\nhello\r\n"), []byte("hello")
	if n := testing.AllocsPerRun(100, func() {
		r.Begin(Line, 0)
		r.Feed(line)
		r.Begin(Count, 5)
		r.Feed(body)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	r.Begin(All, 0)
	r.Feed(make([]byte, 100))
	r.Drop(10)
	if r.Held() != 0 {
		t.Error("memory is kept")
	}
}

func TestPool(t *testing.T) {
	p := Pool[string, int]{Size: 2, Backlog: 1}
	admit := func(resumed bool, want Admission, n int) {
		t.Helper()
		if got := p.Admit(resumed); got != want || p.Connections != n {
			t.Errorf("%v with %d connections, want %v with %d", got, p.Connections, want, n)
		}
	}
	admit(false, Connect, 1)
	admit(false, Connect, 2)
	admit(false, Wait, 3)
	p.Enqueue(7)
	admit(false, TooMany, 3)
	p.Put("a", true)
	if w, ok := p.Next(); w != 7 || !ok || p.Connections != 2 {
		t.Errorf("%d %v %d", w, ok, p.Connections)
	}
	if c, ok := p.Take(); c != "a" || !ok || p.Idle() != 0 {
		t.Errorf("%q %v", c, ok)
	}
	admit(true, Connect, 3)
	p.Connections--
	admit(false, Wait, 3)
	p.Enqueue(8)
	if !p.Waiting() || !p.Leave(8) || p.Leave(8) || p.Connections != 2 {
		t.Errorf("%d", p.Connections)
	}
	p.Put("a", true)
	p.Put("b", true)
	if old, full := p.Put("c", false); old != "a" || !full || p.Connections != 2 {
		t.Errorf("%q %v %d", old, full, p.Connections)
	}
	if old, full := p.Put("d", true); old != "b" || !full || p.Connections != 1 {
		t.Errorf("%q %v %d", old, full, p.Connections)
	}
	if !p.Remove("c") || p.Remove("c") || p.Connections != 0 || p.Idle() != 1 {
		t.Errorf("%d %d", p.Connections, p.Idle())
	}
	q := Pool[string, int]{Size: 1, Backlog: -1}
	for range 5 {
		if q.Admit(false) != Connect {
			t.Error("a pool without backlog bounds connections")
		}
	}
	if _, ok := q.Next(); ok {
		t.Error("somebody waits")
	}
	q.Put("x", false)
	if q.Connections != 6 {
		t.Errorf("%d", q.Connections)
	}
}
