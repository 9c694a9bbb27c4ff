package h1

import "testing"

func TestNormalizePath(t *testing.T) {
	tests := []struct {
		name, raw   string
		keepSlashes bool
		want        string // "": refused
	}{
		{name: "a plain path stays", raw: "/a/b.c", want: "/a/b.c"},
		{name: "escapes are decoded", raw: "/%61%2Fb%7e", want: "/a/b~"},
		{name: "plus stays plus", raw: "/a+b", want: "/a+b"},
		{name: "runs of slashes become one", raw: "//a///b//", want: "/a/b/"},
		{name: "runs of slashes stay if asked for", raw: "//a///b//", keepSlashes: true, want: "//a///b//"},
		{name: "an escaped slash counts as one", raw: "/a%2f%2Fb", want: "/a/b"},
		{name: "a dot segment vanishes", raw: "/a/./b/.", want: "/a/b/"},
		{name: "two dots take a segment away", raw: "/a/b/../c", want: "/a/c"},
		{name: "two dots at the end leave the slash", raw: "/a/b/..", want: "/a/"},
		{name: "escaped dots count as dots", raw: "/a/%2e%2E/b", want: "/b"},
		{name: "three dots are a name", raw: "/a/.../b", want: "/a/.../b"},
		{name: "a name that begins with dots", raw: "/a/..b/.c", want: "/a/..b/.c"},
		{name: "a name that ends with dots", raw: "/a../b.", want: "/a../b."},
		{name: "up to the root", raw: "/a/..", want: "/"},
		{name: "beyond the root", raw: "/..", want: ""},
		{name: "beyond the root further down", raw: "/a/../../b", want: ""},
		{name: "beyond the root with escapes", raw: "/%2e%2e/etc/passwd", want: ""},
		{name: "an empty segment is one to go up from, when slashes stay", raw: "/a//../b", keepSlashes: true, want: "/a/b"},
		{name: "a question mark ends it", raw: "/a?b/../c", want: "/a"},
		{name: "a hash ends it", raw: "/a/..#b", want: "/"},
		{name: "an escaped question mark does not", raw: "/a%3Fb", want: "/a?b"},
		{name: "an escaped hash does not", raw: "/a%23b", want: "/a#b"},
		{name: "an escaped percent sign is not decoded again", raw: "/%252e%252e/a", want: "/%2e%2e/a"},
		{name: "an escaped NUL", raw: "/a%00b", want: ""},
		{name: "an escape without digits", raw: "/a%", want: ""},
		{name: "an escape with one digit", raw: "/a%4", want: ""},
		{name: "an escape with a letter beyond f", raw: "/a%4g", want: ""},
		{name: "an escape cut off by the query", raw: "/a%4?1", want: ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := NormalizePath([]byte("before"), []byte(test.raw), !test.keepSlashes)
			if string(got[:6]) != "before" {
				t.Fatalf("what was there before is gone: %q", got)
			}
			if (err != nil) != (test.want == "") || string(got[6:]) != test.want {
				t.Errorf("%q becomes %q, %v; want %q", test.raw, got[6:], err, test.want)
			}
			own := []byte(test.raw)
			in, inErr := NormalizePath(own[:0], own, !test.keepSlashes)
			if string(in) != test.want || (inErr != nil) != (err != nil) {
				t.Errorf("in place %q becomes %q, %v", test.raw, in, inErr)
			}
		})
	}
	dst := make([]byte, 0, 64)
	raw := []byte("/a/%62//../c")
	if allocs := testing.AllocsPerRun(100, func() { dst, _ = NormalizePath(dst[:0], raw, true) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestValidateHost(t *testing.T) {
	tests := []struct{ host, want string }{ // "": refused
		{"example.com", "example.com"}, {"example.com.", "example.com"}, {"example.com.:80", "example.com"},
		{"a:", "a"}, {"a:65535", "a"}, {"a:65536", ""}, {"a:0000000080", "a"}, {"a:8x", ""}, {"a:80:80", ""},
		{"", ""}, {".", ""}, {"..", ""}, {"a..b", ""}, {".a", ".a"}, {":80", ""},
		{"a_b~c!$&'()*+,;=d%", "a_b~c!$&'()*+,;=d%"},
		{"a b", ""}, {"a/b", ""}, {"a\\b", ""}, {"a@b", ""}, {"a?b", ""}, {"a#b", ""}, {"a\x00", ""}, {"a\x7f", ""}, {"\xc3\xa4", ""},
		{"[::1]", "[::1]"}, {"[::1]:80", "[::1]"}, {"[::1", ""}, {"[]", "[]"}, {"[::1]a", ""}, {"[::1].", ""}, {"[a/b]", ""},
		{"[1..2]", ""}, {"a[b]", ""}, {"]", ""}, {"[[]", ""},
	}
	for _, test := range tests {
		name, _, ok := ValidateHost([]byte(test.host))
		if string(name) != test.want || ok != (test.want != "") {
			t.Errorf("%q: got %q, %v; want %q", test.host, name, ok, test.want)
		}
	}
}
