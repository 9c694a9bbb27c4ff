package difftest

import (
	"fmt"
	"regexp"
	"strings"
)

// Syntax returns a program of blocks, jumps and scopes. Many break a rule of the language's; those that don't show which way they take.
func Syntax(s Source) string {
	p := &generator{Source: s, size: 40}
	p.line("local a, b, c, n, kept = 1, 2, 3, 0, {}")
	p.line("local function go() n = n + 1 if n > 60 then error('far enough', 0) end return n end")
	p.jumps(4, false)
	p.line("emit(a, b, c, n)")
	p.line("for i = 1, #kept do emit(pcall(kept[i])) end")
	return p.String()
}

// jumps writes a block.
func (p *generator) jumps(depth int, loop bool) {
	label := func() string { return p.pick("l1", "l2", "l3", "continue") }
	v := func() string { return p.pick("a", "b", "c", "d") }
	cond := func() string {
		return fmt.Sprintf("go() %s %d", p.pick("% 2 ==", "% 3 ==", "<", ">"), p.IntN(3)+p.IntN(2)*9)
	}
	for range 1 + p.IntN(5) {
		if p.size--; p.size < 0 {
			return
		}
		k := p.IntN(26)
		if depth <= 0 {
			k %= 14
		}
		switch k {
		case 0, 1:
			p.line("emit(go(), %s)", v())
		case 2:
			p.line("local %s = go()", v())
		case 3:
			p.line("%s = %s + 1", v(), p.pick("a", "n", "b"))
		case 4:
			p.line("if %s then goto %s end", cond(), label())
		case 5, 6:
			p.line("::%s::%s", label(), p.pick("", "", ";"))
			if p.IntN(3) == 0 {
				p.line("go()")
			}
		case 7:
			if loop || p.IntN(30) == 0 {
				p.line("if %s then break end", cond())
			}
		case 8:
			p.line("kept[#kept + 1] = function() %s = (%s or 0) + 1 return %s end", v(), v(), v())
		case 9:
			p.line("%s, %s = %s, %s", v(), v(), v(), v())
		case 10:
			p.line("if %s then return %s end", cond(), v())
		case 11:
			p.line("%s", p.pick("go()", "go()", "break", "do return end", "return a", ";", "goto l1", "local goto = 1", "goto = 2", "do break end", "emit(...)", "a = = b", "x", "x.y", "(x) = 1", "a() = 1", "nil = 1", "goto 1", "::a b::", "::a::"))
		case 12:
			p.line("local %s, %s", v(), v())
		case 13:
			p.line("emit(pcall(%s))", v())
		case 14, 15:
			p.line("do")
			p.jumps(depth-1, loop)
			p.line("end")
		case 16:
			p.line("while %s do", cond())
			p.jumps(depth-1, true)
			p.line("end")
		case 17:
			p.line("repeat local e = go()")
			p.jumps(depth-1, true)
			p.line("until %s", p.pick("e > 9", cond(), "(function() return e end)() > 5", "d"))
		case 18:
			p.line("for %s = %s, %s do", v(), p.pick("1", "n", "3"), p.pick("3", "4", "1"))
			p.jumps(depth-1, true)
			p.line("end")
		case 19:
			p.line("for %s, %s in %s do", v(), v(), p.pick("ipairs{7, 8, 9}", "pairs{5}", "next, {}", "string.gmatch('a b', '%a')"))
			p.jumps(depth-1, true)
			p.line("end")
		case 20:
			p.line("if %s then", cond())
			p.jumps(depth-1, loop)
			for range p.IntN(2) {
				p.line("elseif %s then", cond())
				p.jumps(depth-1, loop)
			}
			if p.IntN(2) == 0 {
				p.line("else")
				p.jumps(depth-1, loop)
			}
			p.line("end")
		case 21:
			p.line("local function %s(%s)", v(), p.pick("", "a", "a, b", "...", "c, ..."))
			p.jumps(depth-1, false)
			p.line("end")
		case 22:
			p.line("for i = 1, 3 do local x = i kept[#kept + 1] = function() x = x + %s return x, i end", p.pick("1", "i", "n"))
			p.jumps(depth-1, true)
			p.line("end")
		case 23:
			p.line("do local k = 0")
			p.line("::again:: k = k + 1 local z = k kept[#kept + 1] = function() z = z + 1 return z, k end")
			p.line("if k < %d and go() then goto again end end", 2+p.IntN(3))
		case 24:
			p.line("while true do")
			p.jumps(depth-1, true)
			p.line("%s end", p.pick("if go() > 5 then break end", "break", "do break end"))
		default:
			p.line("for i = 1, 4 do")
			p.line("if %s then goto continue end", cond())
			p.jumps(depth-1, true)
			p.line("::continue:: %s end", p.pick("", "", ";", "go()"))
		}
	}
}

// repeated is n copies of s, %d in them counted, with sep between.
func repeated(s, sep string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(strings.ReplaceAll(s, "%d", fmt.Sprint(i+1)))
	}
	return b.String()
}

// Limits returns a program with very many, or very deep, of something.
func Limits(s Source) string {
	p := &generator{Source: s}
	near := func(n int) int { return max(n+p.IntN(9)-5, 1) }
	n := near([]int{7, 50, 100, 199, 200, 250, 255, 256, 300, 1000}[p.IntN(10)])
	deep := near([]int{10, 60, 100, 190, 199, 200, 250, 1000, 20000}[p.IntN(9)])
	around := func(open, inner, end string) string {
		return strings.Repeat(open, deep) + inner + strings.Repeat(end, deep)
	}
	expr := ""
	switch p.IntN(32) {
	case 0:
		p.line("%s emit(x1, x%d)", repeated("local x%d = %d", " ", n), n)
	case 1:
		p.line("local %s = %s emit(x1, x%d)", repeated("x%d", ", ", n), repeated("%d", ", ", n), n)
	case 2:
		p.line("local function f(%s) return p1, p%d, ... end emit(f(1, 2, 3))", repeated("p%d", ", ", n)+p.pick("", ", ..."), n)
	case 3: // more than 60 upvalues are a documented difference
		n = near(40)
		p.line("%s local function f() return %s end emit(f())", repeated("local x%d = %d", " ", n), repeated("x%d", " + ", n))
	case 4:
		n = near(p.IntN(1000) + 250)
		p.line("local t = {} %s emit(t[1], t.k%d)", repeated("t[%d] = %d.5 t.k%d = 'v%d'", " ", n), n)
	case 5:
		p.line("local t = {%s} emit(#t, t[%d])", repeated("%d.25", ", ", n), n)
	case 6:
		p.line("local t = {%s} emit(t.k1, t.k%d)", repeated("k%d = %d", ", ", n), n)
	case 7:
		p.line("local t = {%s} emit(#t)", repeated("{%d}", ", ", n))
	case 8:
		p.line("emit(select('#', %s))", repeated("%d", ", ", n))
	case 9:
		p.line("local a = 'x' emit(%s)", repeated("a", " .. ", n))
	case 10:
		p.line("local a = 2 emit(%s)", repeated("a", p.pick(" + ", " - ", " ^ ", " and ", " or ", " == ", " < "), n))
	case 11:
		p.line("local t = {} %s = %s emit(t[1], t[%d])", repeated("t[%d]", ", ", n), p.pick("1, 2, 3", repeated("%d", ", ", n), "(1)"), n)
	case 12:
		p.line("local a = %d if a == 0 then emit(0) %s else emit('none') end", p.IntN(n)+1, repeated("elseif a == %d then emit(%d)", " ", n))
	case 13:
		p.line("local t = setmetatable({}, {__index = function(t, k) return t end}) emit(t%s)", strings.Repeat(".k", n))
	case 14:
		p.line("local function f() return %s end emit(f())", strings.Repeat("f and ", n)+"1")
	case 15:
		p.line("local s = %s emit(#s)", quote(p.of("ab\\\x00\n", n)))
	case 16:
		p.line("local s = [%s[%s]%s] emit(#s)", strings.Repeat("=", n), p.of("a]=\n", 30), strings.Repeat("=", n))
	case 17:
		p.line("local n = 0 for i = 1, 3 do if i == 2 then goto out end %s ::out:: end emit(n)", strings.Repeat("n = n + 1 ", n*10))
	case 18:
		p.line("local t = {} for i = 1, %d do t[i] = i end emit(pcall(function() return select('#', unpack(t)) end))", n*p.IntN(60))
	case 19:
		p.line("local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end emit(f(%d))", n)
		p.line("local function g() return 1 + g() end local ok, e = pcall(g) emit(ok, (tostring(e):gsub('.*: ', '')))")
	case 20:
		p.line("local co = coroutine.wrap(function(n) for i = 1, n do coroutine.yield(i) end return 'end' end) for i = 1, %d do co(%d) end emit('done')", near(20), n)
	case 21:
		expr = around("(", "1", ")")
	case 22:
		expr = around("{", "1", "}") + "[1]"
	case 23:
		expr = around("-", "1", "") // "--" begins a comment
	case 24:
		expr = around("not ", "1", "")
	case 25:
		expr = around("(function() return ", "1", " end)()")
	case 26:
		expr = around("tostring(", "1", ")")
	case 27:
		expr = around("1 .. ", "1", "")
	case 28:
		expr = around("2 ^ ", "1", "")
	case 29:
		p.line("%s emit('in') %s", strings.Repeat(p.pick("do ", "while true do ", "if true then ", "for i = 1, 1 do ", "repeat "), deep), strings.Repeat("end ", deep))
	case 30:
		expr = around("1 + (", "1", ")")
	default:
		expr = around("#", "'x'", "")
	}
	if expr != "" {
		p.line("local x = %s emit(type(x))", expr)
	}
	return p.String()
}

// token matches, roughly, one of Lua's.
var token = regexp.MustCompile(`--[^\n]*|\[(=*)\[|\](=*)\]|"[^"\n]*"|'[^'\n]*'|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9a-fA-FxXpP.]*|\.\.\.|\.\.|[=~<>]=|::|\s+|.`)

var spare = []string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
	"+", "-", "*", "/", "%", "^", "#", "==", "~=", "<=", ">=", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".", "..", "...", "::", "[[", "]]", "--[[", "!", "@", "$", "`", "~", "\\", "&", "|", "?", "\x00", "\xc3\xa9", "'", "\"", "\n",
	"0x", "1e", "1..2", "0x1p4", "3x", "08", "1e999", "'\\x4'", "'\\300'", "'\\z  a'", "'\\u{41}'", "'\\u{110000}'", "'\\q'", "'\\x41'", "'\\", "[=[", "]=]", "name", "goto l", "::l::", "local function", "a.b", "a:b()", "f{}", "f''", "\xff",
}

// Mutated returns one of the texts with a few of its tokens changed.
func Mutated(s Source, texts [][]byte) string {
	tokens := func() []string { return token.FindAllString(string(texts[s.IntN(len(texts))]), -1) }
	t, other := tokens(), tokens()
	// A part is enough: what follows an error is not read.
	if n := 20 + s.IntN(400); len(t) > n {
		at := s.IntN(len(t) - n)
		if s.IntN(2) == 0 {
			at = 0
		}
		t = t[at : at+n]
	}
	t = append([]string(nil), t...)
	for range 1 + s.IntN(3) {
		if len(t) < 3 {
			break
		}
		i, k := s.IntN(len(t)), s.IntN(len(t))
		switch s.IntN(7) {
		case 0:
			t = append(t[:i], t[i+1:]...)
		case 1:
			t[i] = t[k]
		case 2:
			t[i], t[k] = t[k], t[i]
		case 3:
			t[i] = other[s.IntN(len(other))]
		case 4:
			t[i] += other[s.IntN(len(other))]
		case 5:
			t[i] += " " + spare[s.IntN(len(spare))] + " "
		default:
			t[i] = spare[s.IntN(len(spare))]
		}
	}
	return strings.Join(t, "")
}
