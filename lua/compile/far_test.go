package compile

import (
	"fmt"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

// TestFarConstants uses string constants from further away than 16 bits reach.
func TestFarConstants(t *testing.T) {
	var b strings.Builder
	b.WriteString("local o, n = ... x = {")
	for i := range 30000 {
		fmt.Fprintf(&b, "a%d = f,", i)
	}
	b.WriteString("}\ng = a1\no.a2 = o.a3\no:a4()\nif o == 'a5' then o.x, o[1] = o.a6.a7, 'a8' end\nn = 1000.5 + n return 'a9'")
	p, err := Compile([]byte(b.String()), "=x")
	if err != nil {
		t.Fatal(err)
	}
	if err := bytecode.Verify(p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for pc := range p.Code {
		if p.Lines[pc] > 1 {
			got = append(got, p.Dis(pc))
		}
	}
	// "f" and the names up to about a16000 would be in reach of the first
	// instructions, not of these.
	want := []string{
		`GGETF r2 "a1"`, `GSETF r2 "g"`,
		`LOADK r2 "a3"`, `TGETV r2 r0 r2`, `LOADK r3 "a2"`, `TSETV r2 r0 r3`,
		`MOV r4 r0`, `LOADK r5 "a4"`, `TGETV r2 r4 r5`, `CALL r2 1 2`,
		`LOADK r2 "a5"`, `ISNE r0 r2`,
		`LOADK r2 "a6"`, `TGETV r2 r0 r2`, `LOADK r3 "a7"`, `TGETV r2 r2 r3`, `LOADK r3 "a8"`,
		`TSETI r3 r0 1`, `LOADK r3 "x"`, `TSETV r2 r0 r3`,
		`ADDKV r1 r1 1000.5`, `LOADK r2 "a9"`, `RET1 r2 0`,
	}
	for i := range got {
		if cut := strings.Index(got[i], " ->"); cut >= 0 {
			got[i] = got[i][:cut]
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}

// TestFarJumps has a jump that LuaJIT accepts, for there the table is one
// instruction, but that doesn't fit into half a word.
func TestFarJumps(t *testing.T) {
	for _, src := range []string{
		"local a = ... if a == 'x' then b = {" + strings.Repeat("1,", 20000) + "} end return a",
		"local a = ... while true do local c if a == 'x' then break end b = {" + strings.Repeat("1,", 20000) + "} d(function() return c end) end",
	} {
		p, again, err := compile([]byte(src), "=x", false)
		if p != nil || !again || err != nil {
			t.Errorf("%.40q: %v, %v, %v: the half word should be too short", src, p != nil, again, err)
		}
		p, err = Compile([]byte(src), "=x")
		if err != nil {
			t.Fatal(err)
		}
		if err := bytecode.Verify(p); err != nil {
			t.Error(err)
		}
	}
}
