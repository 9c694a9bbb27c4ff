package conf

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	s := loadHTTP(t, `server {
		location = / { }
		location /a { }
		location = /a { }
		location /ab/ { location /ab/c { } location = /ab/ { } location /ab/cd { } }
		location ^~ /b { }
		location = /b/only { }
		location /b/o { }
	}`).Servers[0]
	for path, want := range map[string]string{
		"/": "=/", "/x": "", "/a": "=/a", "/ax": "/a", "/ab": "/a", "/ab/": "=/ab/", "/ab/x": "/ab/", "/ab/c": "/ab/c",
		"/ab/cde": "/ab/cd", "/ab/b": "/ab/", "/b": "^~/b", "/b/only": "=/b/only", "/b/onl": "/b/o", "/b/only/x": "/b/o", "": "",
	} {
		if got := describe(s.findPrefix([]byte(path))); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	path := []byte("/ab/cde")
	if n := testing.AllocsPerRun(100, func() { s.findPrefix(path) }); n != 0 {
		t.Errorf("Find allocates %v times", n)
	}
}

func describe(l *Location) string {
	switch {
	case l == nil:
		return ""
	case l.Exact:
		return "=" + l.Name
	case l.NoRegex:
		return "^~" + l.Name
	}
	return l.Name
}

// TestFindAgreesWithSearch compares with a search through all locations, on random sets of few letters.
func TestFindAgreesWithSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := []byte("/")
		for range r.IntN(6) {
			b = append(b, "ab/\xff"[r.IntN(4)])
		}
		return string(b)
	}
	for range 2000 {
		var locs []*Location
		used := map[string]bool{}
		for range r.IntN(12) {
			l := &Location{Name: word(), Exact: r.IntN(3) == 0}
			if key := fmt.Sprint(l.Exact, l.Name); !used[key] {
				used[key] = true
				locs = append(locs, l)
			}
		}
		all := append([]*Location(nil), locs...)
		sortLocations(all)
		set, dup := newLocationSet(all)
		if dup != nil {
			t.Fatalf("%q is no duplicate", dup.Name)
		}
		for range 20 {
			path := word()
			var want *Location
			for _, l := range locs {
				switch {
				case l.Exact && l.Name == path:
					want = l
				case l.Exact || !strings.HasPrefix(path, l.Name):
				case want == nil || !want.Exact && len(want.Name) < len(l.Name):
					want = l
				}
			}
			if got := set.find([]byte(path)); got != want {
				t.Fatalf("%q: got %q, want %q", path, describe(got), describe(want))
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1, 5, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var locs []*Location
			for i := range n {
				locs = append(locs, &Location{Name: fmt.Sprintf("/location/%d/", i)})
			}
			sortLocations(locs)
			s := &Server{}
			s.set, _ = newLocationSet(locs)
			path := []byte(fmt.Sprintf("/location/%d/index.html", n/2))
			for b.Loop() {
				if s.findPrefix(path) == nil {
					b.Fatal("not found")
				}
			}
		})
	}
}

func TestLimitExcept(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"location / { limit_except FOO { } }", `invalid method "FOO" in /p/nginx.conf:1`},
		{"location / { limit_except TRACE { } }", `invalid method "TRACE" in /p/nginx.conf:1`},
		{"location / { limit_except GET { } limit_except PUT { } }", `"limit_except" directive is duplicate in /p/nginx.conf:1`},
		{"location / { limit_except GET { return 200; } }", `"return" directive is not allowed here in /p/nginx.conf:1`},
		{"location / { limit_except GET { access_by_lua 'x'; } }", `"access_by_lua" directive is not allowed here in /p/nginx.conf:1`},
		{"location / { limit_except GET; }", `directive "limit_except" has no opening "{" in /p/nginx.conf:1`},
		{"limit_except GET { }", `"limit_except" directive is not allowed here in /p/nginx.conf:1`},
	} {
		_, _, err := Load(options("events {} http { server { " + c.text + " } }"))
		if got := errorText(err); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}
