package regex

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	m := NewMatcher()
	defer m.Close()
	for _, tt := range []struct {
		pattern string
		flags   Flags
		subject string
		want    string // groups, joined by |; "-" is an unset one; "" no match
	}{
		{`^/u/(\d+)$`, 0, "/u/12", "/u/12|12"},
		{`^/u/(\d+)$`, 0, "/u/x", ""},
		{`ABC`, Caseless, "xabcx", "abc"},
		{`ABC`, 0, "xabcx", ""},
		{`(a)|(b)|(c)`, 0, "b", "b|-|b|-"},
		{`(?<x>a+)(?=b)`, 0, "aab", "aa|aa"},
		{`(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)`, 0, "abcdefghijk", "abcdefghijk|a|b|c|d|e|f|g|h|i|j|k"},
		{`^.$`, 0, "é", ""}, // bytes
		{`a`, 0, strings.Repeat("b", 10000) + "a", "a"},
		{``, 0, "", "+"},
	} {
		re, err := Compile(tt.pattern, tt.flags)
		if err != nil {
			t.Fatal(err)
		}
		ok, err := m.Match(re, []byte(tt.subject))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if ok {
			var parts []string
			for i := range re.Groups() + 1 {
				if s, e := m.Group(i); s < 0 {
					parts = append(parts, "-")
				} else {
					parts = append(parts, tt.subject[s:e])
				}
			}
			if got = strings.Join(parts, "|"); got == "" {
				got = "+"
			}
		}
		if got != tt.want {
			t.Errorf("%q on %.20q: %q, want %q", tt.pattern, tt.subject, got, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	re, err := Compile(`(?<year>\d+)-(\d)-(?<day>\d)`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := re.Names(); len(n) != 2 || n[0] != (Name{"day", 3}) || n[1] != (Name{"year", 1}) {
		t.Errorf("names %v", n)
	}
}

func TestCompileError(t *testing.T) {
	for pattern, want := range map[string]string{
		"(a":   `pcre2_compile() failed: missing closing parenthesis in "(a"`,
		"a**b": `pcre2_compile() failed: quantifier does not follow a repeatable item in "a**b" at "*b"`,
		"[z-a": `pcre2_compile() failed: range out of order in character class in "[z-a" at "a"`,
	} {
		_, err := Compile(pattern, 0)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", pattern, err, want)
		}
	}
}

// TestMatchEnds: what would take for ever is given up.
func TestMatchEnds(t *testing.T) {
	m := NewMatcher()
	defer m.Close()
	for pattern, subject := range map[string]string{
		`^(a+)+$`:      strings.Repeat("a", 50) + "b",
		`^(.|x)*x[yz]`: strings.Repeat("x", 500_000),
		`(?:ab)*[yz]`:  strings.Repeat("ab", 500_000),
		`\w+\s`:        strings.Repeat("x", 1_000_000),
		`(x+x+)+[yz]`:  strings.Repeat("x", 100),
	} {
		re, err := Compile(pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := m.Match(re, []byte(subject)); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: %v", pattern, err)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s took %v", pattern, d)
		}
	}
	// The matcher is as good as new.
	re, _ := Compile("^b$", 0)
	if ok, err := m.Match(re, []byte("b")); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestMatchAllocates(t *testing.T) {
	m := NewMatcher()
	defer m.Close()
	re, err := Compile(`^/users/(\d+)/posts/([a-z]+)$`, 0)
	if err != nil {
		t.Fatal(err)
	}
	subject := []byte("/users/1234/posts/hello")
	if n := testing.AllocsPerRun(1000, func() { m.Match(re, subject) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMatch(b *testing.B) {
	m := NewMatcher()
	defer m.Close()
	for _, bb := range []struct{ name, pattern, subject string }{
		{"suffix", `\.php$`, "/index/some/path/file.php"},
		{"miss", `\.php$`, "/index/some/path/file.html"},
		{"groups", `^/users/(\d+)/posts/([a-z]+)$`, "/users/1234/posts/hello"},
		{"alternatives", `\.(gif|jpg|png|css|js)$`, "/static/img/logo/some.png"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			re, err := Compile(bb.pattern, 0)
			if err != nil {
				b.Fatal(err)
			}
			subject := []byte(bb.subject)
			b.ReportAllocs()
			for b.Loop() {
				m.Match(re, subject)
			}
		})
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("(a|b)*c", "abc")
	f.Add(`^(?<n>\w+)\1$`, "aa")
	f.Add(`(?R)?x`, "xx")
	m := NewMatcher()
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		re, err := Compile(pattern, 0)
		if err != nil {
			return
		}
		if ok, _ := m.Match(re, []byte(subject)); !ok {
			return
		}
		for i := range re.Groups() + 1 {
			if s, e := m.Group(i); s >= 0 && e >= s && e > len(subject) {
				t.Fatalf("group %d: %d to %d of %d", i, s, e, len(subject))
			}
		}
	})
}
