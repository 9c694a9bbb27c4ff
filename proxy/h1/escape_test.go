package h1

import (
	"fmt"
	"strings"
	"testing"
)

func TestUnescapeURI(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""}, {"abc", "abc"}, {"a+b", "a b"}, {"%2B", "+"}, {"a%20b", "a b"}, {"%", "%"}, {"%4", "%4"}, {"%4g", "%4g"},
		{"%%41", "%A"}, {"%2541", "%41"}, {"%00", "\x00"}, {"%fF", "\xff"}, {"?a%3Fb", "?a?b"}, {"a%", "a%"}, {"%+1", "% 1"},
	}
	for _, test := range tests {
		in := []byte(test.in)
		if got := string(UnescapeURI(nil, in)); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.in, got, test.want)
		}
		if got := string(UnescapeURI(in[:0], in)); got != test.want {
			t.Errorf("%q in place becomes %q, want %q", test.in, got, test.want)
		}
	}
}

func TestEscapedTextComesBack(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c))
	}
	for kind := range escapeKinds {
		escaped := EscapeURI([]byte("x"), all, kind)
		if len(escaped) != 1+EscapedLen(all, kind) {
			t.Errorf("kind %d: %d bytes, EscapedLen says %d", kind, len(escaped)-1, EscapedLen(all, kind))
		}
		if kind == EscapeArgs || kind == EscapeComponent {
			if back := UnescapeURI(nil, escaped[1:]); string(back) != string(all) {
				t.Errorf("kind %d: %q comes back as %q", kind, escaped, back)
			}
		}
	}
	if got := string(EscapeURI(nil, []byte("a b/\xe4"), EscapeComponent)); got != "a%20b%2F%E4" {
		t.Error(got)
	}
	if got := string(EscapeURI(nil, []byte("a b/"), 200)); got != "a%20b%2F" {
		t.Error("unknown kind:", got)
	}
}

// eachArg goes through arguments until yield returns false.
func eachArg(args []byte, max int, yield func(key, value []byte, hasValue bool) bool) (truncated bool) {
	a := NewArgs(args, max)
	for {
		key, value, hasValue, ok := a.Next()
		if !ok {
			return a.Truncated()
		}
		if !yield(key, value, hasValue) {
			return false
		}
	}
}

func TestArgs(t *testing.T) {
	tests := []struct {
		name, args string
		max        int
		want       string
		truncated  bool
	}{
		{name: "pairs", args: "a=1&b=2", want: "a=1 b=2"},
		{name: "a key alone has no value", args: "a&b=", want: "a b="},
		{name: "the first equals sign splits", args: "a=b=c", want: "a=b=c"},
		{name: "empty keys are passed over", args: "&=x&&a=1&=", want: "a=1"},
		{name: "nothing gives nothing", args: "", want: ""},
		{name: "pieces come raw", args: "a%20b=%26", want: "a%20b=%26"},
		{name: "as many as allowed", args: "a&b&c", max: 3, want: "a b c"},
		{name: "more than allowed", args: "a&b&c", max: 2, want: "a b", truncated: true},
		{name: "an ampersand behind the last allowed one counts as more", args: "a&b&", max: 2, want: "a b", truncated: true},
		{name: "parts passed over count", args: "&&a", max: 2, want: "", truncated: true},
		{name: "no bound", args: strings.Repeat("a&", 3) + "a", max: 0, want: "a a a a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			truncated := eachArg([]byte(test.args), test.max, func(k, v []byte, hasValue bool) bool {
				s := string(k)
				if hasValue {
					s += "=" + string(v)
				}
				got = append(got, s)
				return true
			})
			if strings.Join(got, " ") != test.want || truncated != test.truncated {
				t.Errorf("got %q, %v; want %q, %v", got, truncated, test.want, test.truncated)
			}
		})
	}
	count := 0
	eachArg([]byte("a&b&c"), 0, func(_, _ []byte, _ bool) bool { count++; return count < 2 })
	if count != 2 {
		t.Errorf("went on after false: %d", count)
	}
	args := []byte("a=1&b=%20&c")
	total := 0
	if allocs := testing.AllocsPerRun(100, func() {
		eachArg(args, 100, func(k, v []byte, _ bool) bool { total += len(k) + len(v); return true })
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestFindArg(t *testing.T) {
	tests := []struct{ args, name, want string }{
		{"a=1&b=2", "b", "2"}, {"A=1", "a", "1"}, {"ab=1&b=2", "b", "2"}, {"b&b=3", "b", "3"}, {"b=", "b", ""}, {"a=b=c", "a", "b=c"},
	}
	for _, test := range tests {
		if got, ok := FindArg([]byte(test.args), test.name); !ok || string(got) != test.want {
			t.Errorf("%s in %s: %q, %v", test.name, test.args, got, ok)
		}
	}
	if _, ok := FindArg([]byte("a&bc=1"), "b"); ok {
		t.Error("found what isn't there")
	}
}

func TestAppendHeaderCannotBeBrokenOutOf(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c))
	}
	got := AppendHeader(nil, all, string(all))
	if n := strings.Count(string(got), "\r") + strings.Count(string(got), "\n"); n != 2 || !strings.HasSuffix(string(got), "\r\n") {
		t.Errorf("%q", got)
	}
	if i := strings.Index(string(got), ":"); got[i+1] != ' ' {
		t.Errorf("a colon in the name: %q", got)
	}
	if got := string(AppendHeader(nil, "X", "a\r\nSet-Cookie: b\x00\tc")); got != "X: a%0D%0ASet-Cookie: b%00\tc\r\n" {
		t.Errorf("%q", got)
	}
	if got := string(AppendHeader(nil, []byte("X: a\r\nY"), "z")); got != "X%3A%20a%0D%0AY: z\r\n" {
		t.Errorf("%q", got)
	}
	dst := make([]byte, 0, 256)
	name, value := []byte("Location"), []byte("/a\nb")
	if allocs := testing.AllocsPerRun(100, func() {
		dst = AppendStatusLine(dst[:0], 302)
		dst = AppendDateHeader(dst, 1)
		dst = AppendHeader(dst, name, value)
		dst = AppendHeader(dst, "X", value)
		dst = AppendContentLength(dst, 12)
		dst = AppendChunkHead(dst, 12)
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestStatusLines(t *testing.T) {
	tests := []struct {
		code int
		want string
	}{
		{200, "HTTP/1.1 200 OK\r\n"}, {302, "HTTP/1.1 302 Moved Temporarily\r\n"}, {401, "HTTP/1.1 401 Unauthorized\r\n"},
		{101, "HTTP/1.1 101 Switching Protocols\r\n"}, {203, "HTTP/1.1 203 \r\n"}, {418, "HTTP/1.1 418 \r\n"}, {299, "HTTP/1.1 299 \r\n"},
		{444, "HTTP/1.1 444 \r\n"}, {599, "HTTP/1.1 599 \r\n"}, {7, "HTTP/1.1 007 \r\n"}, {999, "HTTP/1.1 999 \r\n"}, {1000, "HTTP/1.1 1000 \r\n"},
	}
	for _, test := range tests {
		if got := string(AppendStatusLine(nil, test.code)); got != test.want {
			t.Errorf("%d: %q", test.code, got)
		}
	}
	for code := range 600 {
		want := code
		if code >= 494 && code <= 497 {
			want = 400
		}
		if WireStatus(code) != want {
			t.Error(code, WireStatus(code))
		}
	}
}

func TestErrorPages(t *testing.T) {
	pages := NewErrorPages("nginx/1.22.1")
	const page404 = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n" +
		"<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
	const page494 = "<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n" +
		"<center>Request Header Or Cookie Too Large</center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
	if got := string(pages.Page(404)); got != page404 {
		t.Errorf("%q", got)
	}
	if got := string(pages.Page(498)); got != page404 {
		t.Errorf("498: %q", got)
	}
	if got := string(pages.Page(494)); got != page494 {
		t.Errorf("494: %q", got)
	}
	if got := string(pages.Padded(404)); len(got) != len(page404)+6*len(errorPadding) || !strings.HasPrefix(got, page404) {
		t.Errorf("padded: %q", got)
	}
	if string(pages.Padded(301)) != string(pages.Page(301)) {
		t.Error("a redirect is padded")
	}
	for _, code := range []int{-1, 0, 200, 201, 204, 300, 304, 417, 422, 499, 506, 508, 600} {
		if pages.Page(code) != nil || pages.Padded(code) != nil {
			t.Errorf("%d has a page", code)
		}
	}
	for agent, want := range map[string]bool{
		"": false, "curl/7.88.1": false,
		"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)": true, "MSIE 7.": false,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36": true,
		"Mozilla/5.0 Gecko/20100101 Firefox/128.0":                                      false,
		"Opera/9.0 (MSIE 6.0; )":                                                        false,
	} {
		if NeedsPadding([]byte(agent)) != want {
			t.Errorf("%q: not %v", agent, want)
		}
	}
}

func ExampleArgs() {
	args := NewArgs([]byte("a=1&b=%20&c"), 100)
	for {
		k, v, hasValue, ok := args.Next()
		if !ok {
			break
		}
		fmt.Printf("%s %q %v\n", k, UnescapeURI(nil, v), hasValue)
	}
	// Output:
	// a "1" true
	// b " " true
	// c "" false
}
