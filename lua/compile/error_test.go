package compile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

// compileError compiles and returns the error's text, "" for none. What
// compiles must be valid bytecode.
func compileError(t *testing.T, src, name string) string {
	t.Helper()
	p, err := Compile([]byte(src), name)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || p != nil {
			t.Fatalf("%.40q: error of type %T, prototype %v", src, err, p)
		}
		return err.Error()
	}
	if err := bytecode.Verify(p); err != nil {
		t.Errorf("%.40q: %v", src, err)
	}
	return ""
}

func TestErrors(t *testing.T) {
	sources := make([]string, len(errorCases))
	for i, c := range errorCases {
		sources[i] = c.src
		if got := compileError(t, c.src, "=x"); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.src, got, c.want)
		}
	}
	for i, text := range luajitErrors(t, sources) {
		if want := errorCases[i].want; text != want {
			t.Errorf("%q: recorded %q, luajit says %q", sources[i], want, text)
		}
	}
}

// limitCases are sources at a limit: the last one that is accepted, the first
// one that is not.
func limitCases() []struct{ src, want string } {
	rep := strings.Repeat
	list := func(n int, format, sep string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteString(sep)
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	vars := func(n int) string { return list(n, "v%d", ",") }
	upvalues := func(n int) string {
		return "local " + vars(n) + "\nlocal function f()\n" + "return " + list(n, "v%d", "+") + " end"
	}
	return []struct{ src, want string }{
		{"local " + vars(200), ""},
		{"local " + vars(201), "x:1: main function has more than 200 local variables"},
		{"\nfunction f() local " + vars(201), "x:2: function at line 2 has more than 200 local variables"},
		{"function f(" + vars(200) + ") end", ""},
		{"function f(" + vars(201) + ") end", "x:1: function at line 1 has more than 200 local variables"},
		{"function f:g(" + vars(200) + ") end", "x:1: function at line 1 has more than 200 local variables"},
		{"local " + vars(197) + " for i = 1, 2 do end", "x:1: main function has more than 200 local variables"},
		{"local " + vars(196) + " for i = 1, 2 do end", ""},
		{"local " + vars(197) + " for k in x do end", "x:1: main function has more than 200 local variables"},
		{upvalues(60), ""},
		{rep("(", 198) + "a" + rep(")", 198) + "()", ""},
		{rep("(", 199) + "a" + rep(")", 199) + "()", "x:1: chunk has too many syntax levels"},
		{"x = " + rep("{", 198) + rep("}", 198), ""},
		{"x = " + rep("{", 199) + rep("}", 199), "x:1: chunk has too many syntax levels"},
		{rep("do ", 198) + rep("end ", 198), ""},
		{rep("do ", 199) + rep("end ", 199), "x:1: chunk has too many syntax levels"},
		{"x = " + rep("- ", 197) + "y", ""},
		{"x = " + rep("- ", 198) + "y", "x:1: chunk has too many syntax levels"},
		{"x = " + rep("a .. ", 197) + "a", ""},
		{"x = " + rep("a .. ", 198) + "a", "x:1: chunk has too many syntax levels"},
		{"x = " + rep("a ^ ", 198) + "a", "x:1: chunk has too many syntax levels"},
		{rep("function f() ", 100) + rep("end ", 100), ""},
		{rep("::a::", 1) + list(196, "::a%d::", ""), ""},
		{rep("::a::", 1) + list(200, "::a%d::", ""), "x:1: chunk has too many syntax levels"},
		{rep("a,", 198) + "a = 1", ""},
		{rep("a,", 199) + "a = 1", "x:1: main function has more than 200 variable names"},
		{"f(" + rep("a,", 245) + "a)", ""},
		{"f(" + rep("a,", 246) + "a)", ""},
		{"f(" + rep("a,", 247) + "a)", "x:1: function or expression too complex near '<eof>'"},
		{"f(" + rep("a,", 248) + "a)", "x:1: function or expression too complex near 'a'"},
		{"x = a" + rep("+a", 3000), ""},
		{"x = {" + rep("1,", 70000) + "}", ""},
		{"while a do " + rep("b = c\n", 16381) + "end", ""},
		{"while a do " + rep("b = c ", 16382) + "end", "x:1: control structure too long near 'end'"},
		{"if a then " + rep("b = c ", 16383) + "else end", ""},
		{"if a then " + rep("b = c ", 16384) + "end", "x:1: control structure too long near '<eof>'"},
		{"x = " + rep("a or ", 16000) + "a", "x:1: control structure too long near '<eof>'"},
		{"for i = 1, 2 do " + rep("b = c ", 16383) + "end", ""},
		{"for i = 1, 2 do " + rep("b = c ", 16384) + "end", "x:1: control structure too long near 'end'"},
		{rep("local a ", 200), ""},
		{rep("do local a end ", 65476), ""},
		{rep("do local a end ", 65477), "x:1: chunk has more than 65476 local variables"},
		{"while x do " + rep("if y then break end ", 5000) + "end", ""},
		{"goto a " + list(1000, "goto b%d ", "") + list(1000, "::b%d:: x() ", "") + "::a::", ""},
	}
}

func TestLimits(t *testing.T) {
	cases := limitCases()
	sources := make([]string, len(cases))
	for i, c := range cases {
		sources[i] = c.src
		if got := compileError(t, c.src, "=x"); got != c.want {
			t.Errorf("%.60q (%d bytes):\n got %q\nwant %q", c.src, len(c.src), got, c.want)
		}
	}
	for i, text := range luajitErrors(t, sources) {
		if want := cases[i].want; text != want {
			t.Errorf("%.60q (%d bytes): recorded %q, luajit says %q", sources[i], len(sources[i]), want, text)
		}
	}
}

// TestNoCdata: LuaJIT has 64-bit and imaginary literals; without an ffi they
// are no numbers.
func TestNoCdata(t *testing.T) {
	for _, s := range []string{"1LL", "1ull", "0x1p3i", "1i", "1.5I", "0xffULL", "0b1LL"} {
		want := "x:1: malformed number near '" + s + "'"
		if got := compileError(t, "return "+s, "=x"); got != want {
			t.Errorf("%s: got %q, want %q", s, got, want)
		}
	}
}

func TestErrorLine(t *testing.T) {
	_, err := Compile([]byte("x = 1\ny = = 2"), "=x")
	if e := err.(*Error); e.Line != 2 {
		t.Errorf("line %d", e.Line)
	}
}

func TestChunkID(t *testing.T) {
	rep := strings.Repeat
	for _, c := range []struct{ name, want string }{
		{"=stdin", "stdin"},
		{"=", ""},
		{"=" + rep("a", 59), rep("a", 59)},
		{"=" + rep("a", 70), rep("a", 59)},
		{"@x.lua", "x.lua"},
		{"@", ""},
		{"@" + rep("a", 59), rep("a", 59)},
		{"@" + rep("a", 10) + rep("b", 50), "..." + rep("a", 6) + rep("b", 50)},
		{"", `[string ""]`},
		{"return 1", `[string "return 1"]`},
		{rep("a", 48), `[string "` + rep("a", 48) + `"]`},
		{rep("a", 49), `[string "` + rep("a", 45) + `..."]`},
		{"a\nb", `[string "a..."]`},
		{"a\tb", `[string "a..."]`},
		{"\nb", `[string "..."]`},
		{rep("a", 46) + "\nb", `[string "` + rep("a", 45) + `..."]`},
		{"a\x00b", `[string "a"]`},
		{"=a\x00b", "a"},
	} {
		if got := ChunkID(c.name); got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestUpvalueLimit: OpenResty's branch of LuaJIT allows twice as many upvalues
// as LuaJIT, with which the other limits are compared.
func TestUpvalueLimit(t *testing.T) {
	upvalues := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("v%d", i))
		}
		return "local " + strings.Join(names, ",") + "\nlocal function f()\nreturn " + strings.Join(names, "+") + " end"
	}
	if _, err := Compile([]byte(upvalues(120)), "=x"); err != nil {
		t.Error(err)
	}
	const want = "x:3: function at line 2 has more than 120 upvalues"
	if _, err := Compile([]byte(upvalues(121)), "=x"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
