package regex

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// pair is a pattern for both matchers.
type pair struct{ own, pcre *Regexp }

// newPair compiles a pattern; nil: it is wrong, or not for our own matcher.
func newPair(t *testing.T, pattern string, flags Flags) *pair {
	re, err := Compile(pattern, flags)
	if err != nil || re.own == nil {
		return nil
	}
	foreign := &Regexp{pattern: pattern, flags: flags}
	if err := foreign.compile(); err != nil {
		t.Fatalf("%q compiles but once", pattern)
	}
	return &pair{re, foreign}
}

func (p *pair) free() {
	p.own.Free()
	freeCode(p.pcre.code)
}

// agree runs both matchers and compares all that comes out.
func (p *pair) agree(t *testing.T, own, pcre *Matcher, subject string, from int) {
	t.Helper()
	if from > 0 && p.own.flags&UTF != 0 && strings.Contains(p.own.pattern, "(?<") {
		return // PCRE2 10.40 sees no farther back than the longest that it looks for, not what \b there has to see
	}
	ok, err := own.MatchFrom(p.own, []byte(subject), from)
	want, wantErr := pcre.MatchFrom(p.pcre, []byte(subject), from)
	if errors.Is(err, ErrLimit) || errors.Is(wantErr, ErrLimit) {
		return // they count differently
	}
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Errorf("%q, %#x on %q from %d: error %v, PCRE2's %v", p.own.pattern, p.own.flags, subject, from, err, wantErr)
		return
	}
	groups := func(m *Matcher, found bool) string {
		if !found {
			return "no match"
		}
		s := ""
		for i := range p.own.groups + 1 {
			from, to := m.Group(i)
			s += fmt.Sprintf(" %d-%d", from, to)
		}
		return s
	}
	if got, want := groups(own, ok), groups(pcre, want); got != want {
		t.Errorf("%q, %#x on %q from %d: %s, PCRE2's %s", p.own.pattern, p.own.flags, subject, from, got, want)
	}
}

// TestOwnAgrees: patterns that say what our own matcher has to be right about; each has to be one that it runs.
func TestOwnAgrees(t *testing.T) {
	own, pcre := NewMatcher(), NewMatcher()
	defer own.Close()
	defer pcre.Close()
	subjects := []string{"", "a", "b", "ab", "aab", "abab", "aaa", "abc", "abcabc", "foo.bar", "foo bar\n", "a\nb\nc", "\n", "\n\n", "a\n", "xay", "AbC", "a b", "12-34",
		"foo=bar; baz=qux", "<a href=\"x\">y</a>", "GET /index.html HTTP/1.1", "\x80\xff", "caf\xc3\xa9", "\xe4\xbd\xa0\xe5\xa5\xbd a", "aaaaaaaaaaaaaaaaaaaab", "a\r\nb", "--", "_a_", "\x00a", "k\xe2\x84\xaa"}
	for _, pattern := range strings.Split(ownPatterns, "\n") {
		for _, flags := range []Flags{0, Caseless, Multiline, DotAll, Anchored, UTF, UTF | DotAll | Multiline, Extended} {
			p := newPair(t, pattern, flags)
			if p == nil {
				if _, err := Compile(pattern, flags); err != nil || flags&UTF == 0 {
					t.Errorf("%q, %#x is left to PCRE2: %v", pattern, flags, err)
				}
				continue
			}
			for _, subject := range subjects {
				for from := range min(len(subject), 2) + 1 {
					p.agree(t, own, pcre, subject, from)
				}
			}
			p.free()
		}
	}
}

const ownPatterns = `a
a*
a+b
a?b
a??b
a*?b
a+?
a{2}
a{2,}
a{1,2}?
a{2}+b
a*+a
a++b
(a)(b)
(a)|(b)
(a|ab)(c|bcd)?
(a|ab)+c
(?:a|b|ab)*c
(a*)*
(a*)+
(a|b*)*c
(|a)+b
(a|)+b
(?:|a|b)*c
(a?)*?b
(a*?)*b
((a)|(b))+
(a(b)?)+
(?:(a)|b)*
(a)?b\1
(a)?\1b
(a+)b\1
(.)\1
(?i)(a)\1
(?<x>a)\k<x>
(?<x>a)\k{x}(?P=x)?
(?'x'a)\g{x}?
(a)\g{-1}
(a)\g1
^
$
^a
a$
^a$
\Aa
a\Z
a\z
\Ga
\bfoo\b
\Boo
\w+\b
\w*\bab
\b\w+
\d+-\d+
\s\S
\D+
\W
\h+
\v
\R
a\Rb
\N+
.
.*
.+b
.*?b
^.*b
(.*)b
(.*)\n
.*\d
[abc]+
[^abc]
[a-c]+c
[]a]
[^]a]
[a\]]
[-a]
[a-]
[\d-]
[\w.]+
[^\w\s]
[[:alpha:]]+
[^[:space:]]+
[[:^alpha:]]
[\x00-\x1f]
[\n]
[[:upper:]][[:lower:]]
\x61
\x{61}
\0
\t|\n
\.
(?i)abc
(?i:a)b
a(?i)b
(a(?i)b|c)d?
(?-i)a
(?s).
(?m)^b
(?m)b$
(?x) a b # c
(?s).*b
(?=a)
(?=ab)a
(?!a).
a(?!b)
(?<=a)b
(?<!a)b
(?<=a|bc)b
(?<=\ba)b
(?<=^|a)b
(?=(a+))a*b\1
(?!(a)b)a
(?>a+)b
(?>a|ab)c
(?>a*)a
(?:a(?>b|bc)|abc)c
(?:(?=a)a)*b
(?:(?!b)[a-z])+
a(?=(b))
(?=.*b)a
(?!.*c)a
foo\Kbar
a\Kb
(a\K)+b
(?:a\Kb|ab)
abc|abd|xay|foo
(?:foo|bar|baz|qux)=?
(?:abc|ab|a|)b?
(foo|bar|baz|fo|f)+
(?:a|b|c|d|e){2,4}
(?:ab){1,3}
(?:ab){2}
(?:ab){0,2}?c
(?:a|b){3}
((a|b){2}){2}
(?:a{1,2}){2}
x?y?z?
([a-z]+)=([a-z]+)
<a\s+href="(.*?)"
^(GET|POST|PUT) (\S+) HTTP/(\d)\.(\d)$
(?:(\w+)=(\w+)(?:; )?)+
([^ ]+) ([^ ]+)
(?#comment)a
a(?#comment)*
a#b
|
a|
|a
()
(?:)
(a||b)
\/
a{,3}
a{b}
a{1
{
}
]
(?:(?:a+)+)+$
(a+|b+|c)+$
(?<!\w)a(?!\w)
\bb
[^a]*a
[^\n]*\n
a*(?:ab|)
a*(ab)?
a*?(?:ab|$)
\d*\.?\d+
(?:a*|b)*c
(?>(?:a|b)*)b
(?:a|b)*+c
(?:ab?)++c
(?:a?){3}b
(?:a??b??)+c
(?:^a|^b)
(?:^|,)b
(?m)(?:^|b)c
\w+@\w+`

// TestRandomAgrees: patterns made at random from what our own matcher knows.
func TestRandomAgrees(t *testing.T) {
	own, pcre := NewMatcher(), NewMatcher()
	defer own.Close()
	defer pcre.Close()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	ran, n := 0, 3000
	if os.Getenv("MOONRING_FULL") != "" {
		n = 100_000
	}
	for range n {
		pattern := randomPattern(r, 3)
		flags := []Flags{0, 0, 0, Caseless, Multiline, DotAll, Multiline | DotAll, Anchored, UTF, UTF | Multiline, Extended}[r.IntN(11)]
		p := newPair(t, pattern, flags)
		if p == nil {
			continue
		}
		ran++
		for range 5 {
			var subject strings.Builder
			for range r.IntN(12) {
				subject.WriteString([]string{"a", "b", "c", "A", "B", "_", " ", "\n", "-", "1", "é", "\r\n"}[r.IntN(12)])
			}
			s := subject.String()
			from := 0
			if r.IntN(3) == 0 {
				from = r.IntN(len(s) + 1)
			}
			p.agree(t, own, pcre, s, from)
		}
		p.free()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if ran < n/3 {
		t.Errorf("of %d patterns only %d were for our own matcher", n, ran)
	}
}

func randomPattern(r *rand.Rand, depth int) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var b strings.Builder
	for i := range 1 + r.IntN(4) {
		if i > 0 && r.IntN(5) == 0 {
			b.WriteByte('|')
		}
		if r.IntN(8) == 0 {
			b.WriteString(pick("^", "$", `\b`, `\B`, `\A`, `\z`, `\Z`, `\G`, "(?i)", "(?s)", "(?m)", "(?-i)", `\K`))
			continue
		}
		if depth > 0 && r.IntN(3) == 0 {
			open := pick("(", "(", "(?:", "(?:", "(?>", "(?=", "(?!", "(?i:", "(?<=", "(?<!")
			if strings.HasPrefix(open, "(?<") {
				b.WriteString(open + pick("a", "ab", "a|b", "a|bc", "[ab]", `\b`, "(a)", `\w\w`) + ")")
				continue
			}
			b.WriteString(open + randomPattern(r, depth-1) + ")")
			if open == "(?=" || open == "(?!" {
				continue
			}
		} else {
			b.WriteString(pick("a", "b", "c", "ab", "abc", ".", ".", "[ab]", "[^a]", `\w`, `\d`, `\s`, `\W`, `[a-c]`, `\n`, `\1`, `\2`, "é", "[^é]", "[[:alpha:]]", `\R`, `\N`, "-", " "))
		}
		if r.IntN(3) == 0 {
			b.WriteString(pick("*", "+", "?", "*?", "+?", "??", "*+", "++", "{2}", "{1,2}", "{0,2}", "{2,}", "{1,}?", "{0}", "{1,3}+"))
		}
	}
	return b.String()
}

func FuzzAgree(f *testing.F) {
	own, pcre := NewMatcher(), NewMatcher()
	for _, p := range strings.Split(ownPatterns, "\n") {
		f.Add(p, uint16(0), "foo=bar; abc\n")
	}
	f.Add("\x85", uint16(8), "0") // space of extended syntax
	f.Fuzz(func(t *testing.T, pattern string, bits uint16, subject string) {
		if len(pattern) > 200 || len(subject) > 2000 {
			return
		}
		var flags Flags
		for i, f := range []Flags{Caseless, Multiline, DotAll, Extended, Anchored, UTF} {
			if bits>>i&1 != 0 {
				flags |= f
			}
		}
		if p := newPair(t, pattern, flags); p != nil {
			p.agree(t, own, pcre, subject, min(int(bits>>8), len(subject)))
			p.free()
		}
	})
}

func TestCache(t *testing.T) {
	c := &Cache{Max: 20}
	defer c.Close()
	compile := func(pattern string, flags Flags, fresh bool) *Regexp {
		t.Helper()
		re, isFresh, err := c.Compile([]byte(pattern), flags)
		if err != nil || isFresh != fresh {
			t.Fatalf("%s: compiled anew %v, %v", pattern, isFresh, err)
		}
		return re
	}
	first := compile("a", 0, true)
	if compile("a", Caseless, true) == first || compile("a", 0, false) != first {
		t.Error("flags make a pattern another")
	}
	for i := range 18 {
		compile(fmt.Sprint("b", i), 0, true)
	}
	compile("a", 0, false)
	compile("c", 0, true) // in place of the caseless one
	compile("a", Caseless, true)
	compile("a", 0, false)
	if _, _, err := c.Compile([]byte("("), 0); err == nil {
		t.Error("( compiles")
	}
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "[%c-\\xff]+x%d?|", 'a'+i%26, i)
	}
	for i := range 2000 {
		if re := compile(fmt.Sprint(many.String(), i), 0, true); c.size > cacheSizeMax && c.n > 1 {
			t.Fatalf("%d patterns of %d bytes in the cache, %d in all", c.n, re.Size(), c.size)
		}
		if c.n < i+1 {
			return // some had to go
		}
	}
	if c.n != 20 {
		t.Errorf("%d patterns are kept", c.n)
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		re, _ := Compile(`^/users/(\d+)/posts/([a-z]+)$`, 0)
		re.Free()
	}
}
