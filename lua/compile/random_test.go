package compile

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"moonring/lua/bytecode"
)

var seed = flag.Uint64("seed", 1, "of the random programs")

// generator writes random programs. Some of their errors are left in on
// purpose: undefined labels, breaks outside loops, gotos into scopes.
type generator struct {
	r *rand.Rand
	b strings.Builder
}

func (g *generator) pick(s ...string) string { return s[g.r.IntN(len(s))] }

func (g *generator) word(s string) {
	g.b.WriteString(s)
	g.b.WriteString(g.pick(" ", " ", " ", " ", "\n"))
}

func (g *generator) name() { g.word(g.pick("a", "b", "c", "d", "e", "f", "g", "h")) }

func (g *generator) exprs(depth, atLeast int) {
	n := atLeast + g.r.IntN(3)
	for i := range n {
		if i > 0 {
			g.word(",")
		}
		g.expr(depth)
	}
}

func (g *generator) expr(depth int) {
	if depth <= 0 {
		if g.r.IntN(2) == 0 {
			g.name()
			return
		}
		g.word(g.pick("nil", "true", "false", "0", "1", "2", "-1", "7.5", "200", "1e10", "'s'", "''", "...", "0x10"))
		return
	}
	switch g.r.IntN(12) {
	case 0, 1:
		g.expr(0)
	case 2, 3, 4:
		g.expr(depth - 1)
		g.word(g.pick("+", "-", "*", "/", "%", "^ h ^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or"))
		g.expr(depth - 1)
	case 5:
		g.expr(depth - 1)
		g.word(g.pick("and", "or"))
		g.expr(depth - 1)
	case 6:
		g.word(g.pick("not", "-", "#", "not not"))
		g.expr(depth - 1)
	case 7:
		g.word("(")
		g.expr(depth - 1)
		g.word(")")
	case 8:
		g.table(depth - 1)
	case 9:
		g.word("function")
		g.body(depth - 1)
	default:
		g.prefix(depth - 1)
	}
}

func (g *generator) table(depth int) {
	g.word("{")
	for range g.r.IntN(4) {
		switch g.r.IntN(3) {
		case 0:
			g.word("[")
			g.expr(depth)
			g.word("] =")
		case 1:
			g.name()
			g.word("=")
		}
		g.expr(depth)
		g.word(g.pick(",", ";"))
	}
	if g.r.IntN(3) == 0 {
		g.expr(depth)
	}
	g.word("}")
}

// prefix writes a variable or a call.
func (g *generator) prefix(depth int) bool {
	call := false
	if g.r.IntN(6) == 0 {
		g.b.WriteString("(")
		g.expr(depth)
		g.b.WriteString(")")
		call = g.suffix(depth)
	} else {
		g.b.WriteString(g.pick("a", "b", "c", "d", "e", "f", "g", "h"))
	}
	for range g.r.IntN(4) {
		call = g.suffix(depth)
	}
	g.word("")
	return call
}

func (g *generator) suffix(depth int) bool {
	switch g.r.IntN(5) {
	case 0:
		g.b.WriteString("." + g.pick("x", "y"))
		return false
	case 1:
		g.b.WriteString("[")
		g.expr(depth)
		g.b.WriteString("]")
		return false
	case 2:
		g.b.WriteString(":" + g.pick("m", "n"))
	}
	switch g.r.IntN(4) {
	case 0:
		g.b.WriteString("'s'")
	case 1:
		g.table(depth)
	default:
		g.b.WriteString("(")
		g.exprs(depth, 0)
		g.b.WriteString(")")
	}
	return true
}

func (g *generator) body(depth int) {
	g.word("(")
	g.word(g.pick("", "a", "a, b", "c, ...", "..."))
	g.word(")")
	g.block(depth)
	g.word("end")
}

func (g *generator) block(depth int) {
	for range 1 + g.r.IntN(4) {
		g.stat(depth)
	}
	switch g.r.IntN(8) {
	case 0:
		g.word("return")
		if g.r.IntN(3) > 0 {
			g.exprs(depth, 1)
		}
	case 1:
		g.word("break")
	}
}

func (g *generator) stat(depth int) {
	if depth <= 0 {
		switch g.r.IntN(4) {
		case 0:
			g.word(g.pick("goto l1", "goto l2", "::l1::", "::l2::"))
		case 1:
			g.word("local a =")
			g.expr(0)
		default:
			g.name()
			g.word("=")
			g.expr(0)
			g.word(";")
		}
		return
	}
	switch g.r.IntN(17) {
	case 0, 1:
		g.word("local")
		g.word(g.pick("a", "b", "a, b", "c, d, a"))
		if g.r.IntN(4) > 0 {
			g.word("=")
			g.exprs(depth, 1)
		}
	case 2, 3:
		for i := range 1 + g.r.IntN(3) {
			if i > 0 {
				g.word(",")
			}
			if g.prefix(depth - 1) {
				g.b.WriteString("." + g.pick("x", "y"))
			}
		}
		g.word("=")
		g.exprs(depth, 1)
	case 4, 5:
		if !g.prefix(depth) {
			g.word("()")
		}
	case 6:
		g.word("do")
		g.block(depth - 1)
		g.word("end")
	case 7:
		g.word("while")
		g.expr(depth)
		g.word("do")
		g.block(depth - 1)
		g.word("end")
	case 8:
		g.word("repeat")
		g.block(depth - 1)
		g.word("until")
		g.expr(depth)
	case 9, 10:
		g.word("if")
		g.expr(depth)
		g.word("then")
		g.block(depth - 1)
		for range g.r.IntN(2) {
			g.word("elseif")
			g.expr(depth)
			g.word("then")
			g.block(depth - 1)
		}
		if g.r.IntN(2) == 0 {
			g.word("else")
			g.block(depth - 1)
		}
		g.word("end")
	case 11:
		g.word("for")
		g.name()
		g.word("=")
		g.expr(depth)
		g.word(",")
		g.expr(depth)
		if g.r.IntN(2) == 0 {
			g.word(",")
			g.expr(depth)
		}
		g.word("do")
		g.block(depth - 1)
		g.word("end")
	case 12:
		g.word("for")
		g.word(g.pick("a", "a, b", "d, e, f"))
		g.word("in")
		g.exprs(depth, 1)
		g.word("do")
		g.block(depth - 1)
		g.word("end")
	case 13:
		g.word(g.pick("local function f", "function a", "function a.x", "function a.x:y", "function b:y"))
		g.body(depth - 1)
	case 14:
		g.word(g.pick("goto l1", "goto l2", "goto l3"))
	case 15:
		g.word(g.pick("::l1::", "::l2::", "::l3::"))
	case 16:
		g.word("while true do if")
		g.expr(depth)
		g.word("then")
		g.word(g.pick("break", "goto l1", "goto l2", "return"))
		g.word("end")
		g.block(depth - 1)
		g.word("end")
	}
	g.word(g.pick("", "", ";"))
}

func randomSources(seed uint64, n int) []string {
	sources := make([]string, n)
	for i := range sources {
		g := generator{r: rand.New(rand.NewPCG(seed, uint64(i)))}
		g.block(3)
		src := g.b.String()
		if i%4 == 0 && len(src) > 0 { // cut something out
			at := g.r.IntN(len(src))
			src = src[:at] + src[min(len(src), at+g.r.IntN(6)):]
		}
		sources[i] = src
	}
	return sources
}

// TestRandom compiles random programs and compares them with LuaJIT like
// TestAgainstLuaJIT does.
func TestRandom(t *testing.T) {
	const n = 1000
	sources := randomSources(*seed, n)
	theirs := luajitOps(t, sources)
	failures, accepted := 0, 0
	for i, src := range sources {
		p, err := Compile([]byte(src), "=x")
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			accepted++
			if err := bytecode.Verify(p); err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
			var b bytes.Buffer
			ops(&b, p)
			got = strings.TrimSuffix(b.String(), "\n")
		}
		if theirs != nil && got != theirs[i] {
			failures++
			if failures <= 3 {
				t.Errorf("%s\n%s", firstDifference(got, theirs[i]), src)
			}
		}
	}
	if accepted < n/20 {
		t.Errorf("only %d of %d programs are accepted", accepted, n)
	}
	if failures > 0 {
		t.Error(fmt.Sprint(failures, " of ", n, " differ"))
	}
}
