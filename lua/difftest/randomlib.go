package difftest

import (
	"fmt"
	"strings"
)

// Random calls of the libraries. Each is protected and shows all its values, or its error.

// quote writes s so that all three parsers read the same bytes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 127 || c == '"' || c == '\\' {
			fmt.Fprintf(&b, "\\%03d", c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (p *generator) call1(f string, args ...string) {
	p.line("emit(pcall(%s))", strings.Join(append([]string{f}, args...), ", "))
}

// of returns n characters of an alphabet.
func (p *generator) of(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[p.IntN(len(alphabet))]
	}
	return string(b)
}

func (p *generator) subject() string {
	alphabet := p.pick("ab", "abc ", "a1 _-", "(){}[]", "%w.*", "aB\n\t\r\x00", "\x80\xff\xe4z", "0123456789", "key=value; ", "/path?q=1&r=%20")
	n := p.IntN(12)
	if p.IntN(6) == 0 {
		n = p.IntN(60)
	}
	return p.of(alphabet, n)
}

func (p *generator) class() string {
	return p.pick(".", "%a", "%d", "%s", "%w", "%p", "%c", "%l", "%u", "%x", "%z", "%A", "%D", "%S", "%W", "a", "b", "1", " ", "-", "%%", "%.", "%-", "(", "=", "[ab]", "[^ab]", "[a-f]", "[^%s]", "[%w_]", "[%a-]", "[]]", "[^]]", "[a-]", "[%]]", "[\\000-\\031]", "[0-9a]")
}

// pattern is a pattern, or nearly one.
func (p *generator) pattern() string {
	var b strings.Builder
	if p.IntN(5) == 0 {
		b.WriteByte('^')
	}
	open, closed, wild := 0, 0, 0
	for range p.IntN(5) {
		switch k := p.IntN(14); {
		case k == 0:
			b.WriteString("(")
			open++
		case k == 1 && open > closed:
			b.WriteString(")")
			closed++
		case k == 2:
			b.WriteString("()")
		case k == 3:
			b.WriteString("%b" + p.pick("()", "[]", "ab", "aa", "{}"))
		case k == 4:
			b.WriteString("%f" + p.pick("[%w]", "[ab]", "[^a]", "[%z]", "[%s]"))
		case k == 5 && closed > 0:
			fmt.Fprintf(&b, "%%%d", 1+p.IntN(closed+1))
		default:
			b.WriteString(p.class())
			if wild < 3 {
				if q := p.pick("", "", "*", "+", "-", "?"); q != "" {
					b.WriteString(q)
					wild++
				}
			}
		}
	}
	for ; closed < open; closed++ {
		if p.IntN(20) > 0 {
			b.WriteByte(')')
		}
	}
	if p.IntN(5) == 0 {
		b.WriteByte('$')
	}
	s := b.String()
	if p.IntN(25) == 0 {
		s += p.pick("%", "[", "[a", "[^", "%f", "%ba", "%b", "(", ")", "%1", "%9", "%0", "[%", "[a-%", "[]", "$$", "**")
	}
	return s
}

func (p *generator) index() string {
	return p.pick("1", "0", "-1", "2", "3", "-3", "5", "10", "-10", "100", "1.5", "-0.5", "2^31", "-2^31", "2^53", "1/0", "-1/0", "0/0", "'2'", "nil", "'x'", "{}")
}

func (p *generator) format() string {
	var b strings.Builder
	for range 1 + p.IntN(2) {
		b.WriteString(p.pick("", "", "x", "%%", " ", "\\000"))
		b.WriteByte('%')
		for range p.IntN(3) {
			b.WriteString(p.pick("", "-", "+", " ", "#", "0"))
		}
		b.WriteString(p.pick("", "", "", "1", "5", "12", "20", "99"))
		b.WriteString(p.pick("", "", "", ".", ".0", ".1", ".3", ".10", ".17", ".99", ".14"))
		b.WriteString(p.pick("d", "i", "o", "u", "x", "X", "c", "e", "E", "f", "g", "G", "a", "A", "q", "s", "s", "d", "g", p.pick("y", "n", "l", "100d", ".100f", "h", "*d", "", "L", "$", "S")))
	}
	return b.String()
}

// edge is a number at which something ends.
func (p *generator) edge() string {
	switch p.IntN(8) {
	case 0:
		return fmt.Sprint(p.IntN(2000) - 1000)
	case 1:
		return fmt.Sprintf("%d.%d", p.IntN(100), p.IntN(1000))
	case 2:
		return fmt.Sprintf("2^%d", p.IntN(70))
	case 3:
		return fmt.Sprintf("-2^%d", p.IntN(70))
	case 4:
		return fmt.Sprintf("(2^%s%s)", p.pick("31", "32", "52", "53", "63", "64"), p.pick("-1", "+1", "-0.5", "+0.5", "*1.5", "-2"))
	case 5:
		return fmt.Sprintf("%d.%de%d", p.IntN(10), p.IntN(1000), p.IntN(620)-310)
	default:
		return p.pick("0", "-0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "1/0", "-1/0", "0/0", "1e15", "1e16", "1e14", "123456789012345", "1e100", "1e308", "5e-324", "2.2250738585072014e-308", "0.1", "1/3", "100", "255", "256", "65535", "0x7fffffff", "0x80000000", "0xffffffff", "0.49999999999999994", "4503599627370497.5", "9007199254740993", "1e-5", "1e-4", "0.00001234", "99999999999999.9")
	}
}

// numeral is a text that is a number, or nearly.
func (p *generator) numeral() string {
	digits := func(n int) string { return p.of("0123456789", n) }
	hex := func(n int) string { return p.of("0123456789abcdefABCDEF", n) }
	var s string
	switch p.IntN(9) {
	case 0:
		s = digits(1 + p.IntN(20))
	case 1:
		s = digits(p.IntN(4)) + "." + digits(p.IntN(20))
	case 2:
		s = digits(1+p.IntN(3)) + p.pick("e", "E") + p.pick("", "+", "-") + digits(p.IntN(4))
	case 3:
		s = "0" + p.pick("x", "X") + hex(p.IntN(18))
	case 4:
		s = "0x" + hex(p.IntN(4)) + "." + hex(p.IntN(16)) + p.pick("", "p1", "p-3", "P+10", "p", "p-1080", "p1020", "p99999")
	case 5:
		s = p.pick("inf", "nan", "Inf", "infinity", "NaN", "nan(1)", "-inf", "1e", "0x", "0x.", ".", "", " ", "e5", "0xp1", "1..2", "1.2.3", "--1", "- 1", "+1", "++1", "0b101", "0b2", "0B11", "1_000", "1e5.5", "0x1e+5", "\\0001", "1\\000", "1 1", "08", "010", "1f", "1d")
	case 6:
		s = "0." + strings.Repeat("0", p.IntN(330)) + digits(1+p.IntN(20))
	case 7:
		s = digits(1+p.IntN(40)) + strings.Repeat("0", p.IntN(300))
	default:
		s = p.pick("4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308", "2.2250738585072011e-308", "9007199254740993", "9007199254740992.5", "9007199254740993.0000000000000001", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0", "0x1.00000000000008p0", "18446744073709551615", "18446744073709551616", "9223372036854775807", "9223372036854775808", "4294967295", "4294967296")
	}
	switch p.IntN(8) {
	case 0:
		s = " " + s + "\\n"
	case 1:
		s = "-" + s
	case 2:
		s = p.pick("\\t", "\\v\\f", "+", "- ", "\\000") + s
	case 3:
		s += p.pick("x", " x", "\\000", "e", ".", "\\r", "u", "g")
	}
	return s
}

// any is a value of any type.
func (p *generator) any() string {
	return p.pick(p.edge(), p.edge(), quote(p.subject()), `"`+p.numeral()+`"`, "nil", "true", "false", "{}", "print", "coroutine.create(print)", "setmetatable({}, {__tostring = function() return 'T' end})", "setmetatable({}, {__tostring = function() return 1 end})")
}

// shown is a value whose text is no address.
func (p *generator) shown() string {
	return p.pick(p.edge(), p.edge(), quote(p.subject()), quote(p.subject()), "nil", "true", "false", "setmetatable({}, {__tostring = function() return 'T' end})", "setmetatable({}, {__tostring = function() return 1 end})")
}

// Strings returns a program of calls of the string library.
func Strings(s Source) string {
	p := &generator{Source: s}
	for range 4 + p.IntN(12) {
		subject, pattern := quote(p.subject()), `"`+p.pattern()+`"`
		if p.IntN(12) == 0 {
			subject = fmt.Sprintf("(%s):rep(%d)", subject, p.IntN(300))
		}
		init := p.pick("1", "1", "1", p.index())
		switch p.IntN(16) {
		case 0, 1:
			p.call1("string.find", subject, pattern, init, p.pick("nil", "nil", "true", "false", "1"))
		case 2:
			p.call1("string.match", subject, pattern, init)
		case 3:
			p.line("emit(pcall(function() local n = 0 for a, b, c in string.gmatch(%s, %s) do emit(a, b, c) n = n + 1 if n > 9 then break end end return n end))", subject, pattern)
		case 4, 5, 6:
			repl := p.pick(`"%0"`, `"<%1>"`, `"%2%1"`, `"%%"`, `"%"`, `"%a"`, `""`, `"x"`, "{a = 1, b = false, ab = 'z', [''] = 'e', [1] = 'one'}", "function(a, b) emit(a, b) return b end", "function(a) return a and #tostring(a) end", "function(a) return {} end", "function() return false end", "function(...) return select('#', ...) end", "setmetatable({}, {__index = function(t, k) return k end})", "1.5", "nil", "true", "function(a) error(a, 0) end")
			n := p.pick("nil", "nil", "nil", "0", "1", "2", "-1", "100", "'1'", "1.9")
			p.call1("string.gsub", subject, pattern, repl, n)
		case 7:
			p.call1("string.sub", subject, p.index(), p.pick("nil", p.index(), p.index()))
		case 8:
			p.call1("string.byte", subject, p.index(), p.index())
		case 9:
			p.call1("string.rep", subject, p.pick("0", "1", "2", "5", "-1", "2.9", "'3'", "nil", "0/0", "-1/0"), p.pick("nil", "''", "','", "'ab'", "1"))
		case 10:
			p.call1("string."+p.pick("upper", "lower", "reverse", "len", "byte"), p.pick(subject, subject, p.any()))
		case 11:
			p.call1("string.char", p.pick("", p.index()), p.pick("65", "0", "255", "256", "-1", "65.5", "'66'", "nil"))
		case 12, 13:
			p.call1("string.format", `"`+p.format()+`"`, p.shown(), p.shown())
		case 14:
			p.line("emit(pcall(function() return %s %s %s end))", subject, p.pick("<", "<=", ">", "..", "==", "+", "-", "*", "%"), p.pick(quote(p.subject()), p.any()))
		default:
			p.line("emit(pcall(function() local s = %s return s:%s() end))", p.any(), p.pick("upper", "len", "rep", "byte", "nothing", "format"))
		}
	}
	return p.String()
}

// Numbers returns a program of arithmetic, conversions, math and bit.
func Numbers(s Source) string {
	p := &generator{Source: s}
	for range 6 + p.IntN(16) {
		a, b := p.edge(), p.edge()
		switch p.IntN(15) {
		case 0, 1:
			p.line("emit(%s %s %s)", a, p.pick("+", "-", "*", "/", "%", "^"), b)
		case 2:
			p.line("local a, b = %s, %s emit(a %s b, a %s b, -a, a %% b, a %% %s, %s / b, a ^ b)", a, b, p.pick("+", "-", "*"), p.pick("<", "<=", "==", ">", "~="), p.edge(), p.edge())
		case 3, 4:
			p.call1("tonumber", `"`+p.numeral()+`"`, p.pick("nil", "nil", "nil", "10", "16", "2", "36", "1", "37", "8", "'16'", "2.5"))
		case 5:
			p.line("emit(tostring(%s), %s .. '')", a, p.pick(b, "("+b+")"))
		case 6:
			p.call1("string.format", `"`+p.format()+`"`, a, b)
		case 7:
			p.line("emit(load('return %s'))", strings.ReplaceAll(p.numeral(), `\`, `\\`))
			p.line("local f = load('return %s') if f then emit(pcall(f)) end", strings.ReplaceAll(p.numeral(), `\`, `\\`))
		case 8, 9:
			f := p.pick("floor", "ceil", "abs", "sqrt", "modf", "frexp", "fmod", "max", "min", "deg", "rad", "ldexp", "pow")
			p.call1("math."+f, p.pick(a, p.any()), p.pick(b, p.any()))
		case 10:
			f := p.pick("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log10", "atan2")
			p.call1("math."+f, p.pick(a, a, p.any()), b)
		case 11, 12:
			f := p.pick("tobit", "bnot", "bswap", "band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror")
			p.call1("bit."+f, p.pick(a, p.any()), p.pick(b, "nil", p.any()), p.pick("1", p.edge()))
			// more than 254 digits LuaJIT of 2022 counts modulo 256.
			p.call1("bit.tohex", p.pick(a, p.any()), p.pick("nil", "1", "-1", "4", "8", "-8", "254", "0", "7.5", "'3'"))
		case 13:
			p.line("local n = 0 emit(pcall(function() for i = %s, %s, %s do n = n + 1 emit(i) if n > 4 then break end end end), n)", p.pick(a, p.any()), p.pick(b, p.any()), p.pick("1", "-1", "0.1", "0", p.edge(), p.any()))
		default:
			p.line("emit(pcall(function() local x = %s return x %s %s, -x end))", p.any(), p.pick("+", "-", "*", "/", "%", "^", "..", "<", "<=", "=="), p.any())
		}
	}
	return p.String()
}

// Tables returns a program of calls of the table library and what else walks a table.
func Tables(s Source) string {
	p := &generator{Source: s}
	p.line("local function all(t) local k = {} for a in pairs(t) do k[#k + 1] = a end table.sort(k, function(a, b) return tostring(a) < tostring(b) end) for i, a in ipairs(k) do k[i] = str(a) .. '=' .. str(t[a]) end return table.concat(k, ' ') end")
	p.line("local t, u")
	item := func() string { return p.pick(fmt.Sprint(p.IntN(20)), fmt.Sprintf("'%s'", p.of("abcd", 1+p.IntN(2)))) }
	list := func() string {
		var b strings.Builder
		n := p.IntN(8)
		if p.IntN(8) == 0 {
			n = p.IntN(80)
		}
		for range n {
			b.WriteString(item() + ", ")
		}
		return "{" + b.String() + "}"
	}
	numbers := func() string {
		var b strings.Builder
		for range p.IntN(40) {
			fmt.Fprintf(&b, "%d, ", p.IntN(30))
		}
		return "{" + b.String() + "}"
	}
	p.line("t, u = %s, %s", list(), list())
	for range 5 + p.IntN(15) {
		switch p.IntN(20) {
		case 0:
			p.line("t = %s", list())
		case 1:
			p.line("t = dense(t) for i = 1, %d do t[#t + 1] = i end", p.IntN(40))
		case 2:
			p.call1("table.insert", "t", item())
		case 3:
			p.call1("table.insert", "t", p.pick("1.5", "'1'", "nil", "{}", "math.max(#t, 1)", "#t + 1", "1", "math.ceil((#t + 1) / 2)"), item())
		case 4:
			p.call1("table.remove", "t", p.pick(p.index(), "#t", "1"))
		case 5:
			p.call1("table.remove", "t")
		case 6:
			p.call1("table.concat", "t", p.pick("nil", "','", "1", "{}"), p.pick("nil", "1", "2", p.index()), p.pick("nil", "#t", "3"))
		case 7:
			p.line("do local s = %s table.sort(s%s) emit(unpack(s)) end", numbers(), p.pick("", ", function(a, b) return a > b end", ", function(a, b) return a % 7 < b % 7 end"))
		case 8:
			p.line("do local s = %s emit(pcall(table.sort, s, %s)) end", list(), p.pick("nil", "function(a, b) return str(a) < str(b) end", "function() error('c', 0) end", "1", "function(a, b) return tostring(a) > tostring(b) end", "coroutine.yield"))
		case 9:
			p.call1("unpack", "t", p.pick("nil", "1", "2", "-1", "0"), p.pick("nil", "3", "#t", "10", "-5"))
		case 10:
			p.call1("table.maxn", p.pick("t", "u", "{[5] = 1, [1.5] = 1}", p.any()))
		case 11:
			p.line("emit(all(t), #dense(t))")
		case 12:
			p.line("for i, v in ipairs(t) do emit(i, v) if i > 9 then break end end")
		case 13:
			p.line("do local n = 0 for k, v in pairs(t) do n = n + 1 %s end emit(n) end", p.pick("t[k] = nil", "t[k] = v", "t[k] = 1", ""))
		case 14:
			p.line("emit(pcall(next, t, 'none')) emit((pcall(next, t, next(t))))") // the order is the engine's own
		case 15:
			p.call1("rawset", "t", p.pick(p.edge(), p.any()), "1")
			p.line("t = dense(t)") // the length of what has holes is anything
		case 16:
			p.line("t[%s] = %s", p.pick("#t + 1", "'k'", "-1", "0", "1.5", "2^40"), p.pick("nil", item()))
		case 17:
			p.call1("rawequal", p.any(), p.any())
		case 18:
			p.line("do local n = require('table.new')(%d, %d) for i = 1, %d do n[i] = i n['k' .. i] = i end emit(#n, all(n)) require('table.clear')(n) emit(#n, next(n)) end", p.IntN(20), p.IntN(20), p.IntN(12))
		default:
			p.call1("table."+p.pick("foreach", "foreachi", "getn", "move", "concat"), p.pick("t", "u", p.any()), p.pick("emit", "1", "function(k, v) return v end"), "2", "3")
		}
	}
	p.line("emit(all(t), all(u))")
	return p.String()
}

// Buffers returns a program of calls of string.buffer.
func Buffers(s Source) string {
	p := &generator{Source: s}
	p.line("local buffer = require('string.buffer') local b, c = buffer.new(%s), buffer.new()", p.pick("", "10", "1000"))
	p.line("c:put('other', 1)")
	item := func() string {
		return p.pick(p.edge(), quote(p.subject()), "c", "nil", "{}", "setmetatable({}, {__tostring = function() return 'T' end})", "true", `("x"):rep(100)`)
	}
	n := func() string { return p.pick("0", "1", "3", "100", "-1", "nil", "1.5", "'2'", "2^40") }
	value := func() string {
		v := p.pick(p.edge(), quote(p.subject()), "true", "false", "nil", "{}", "{1, 2, 3}", "{a = 1}", "{{}, {{}}}", "{[0] = 1, 2}", "{'x', nil, 3}", "print", "{[{}] = 1}", "{print}", "1e15", "-1", "70000")
		return v
	}
	for range 4 + p.IntN(12) {
		switch p.IntN(12) {
		case 0, 1, 2:
			p.call1("b.put", "b", item(), item())
		case 3:
			p.call1("b.putf", "b", `"`+p.format()+`"`, p.shown(), p.shown())
		case 4:
			p.call1("b.get", "b", n())
		case 5:
			p.call1("b.get", "b", n(), n())
		case 6:
			p.call1("b.skip", "b", n())
		case 7:
			p.call1("b.set", "b", p.pick(quote(p.subject()), "1", "nil", "c"))
		case 8:
			p.line("emit(#b, tostring(b), %s)", p.pick("b .. 'x'", "'x' .. b", "b == c", "b .. c", "#c"))
		case 9:
			p.call1("b."+p.pick("reset", "free", "tostring", "get", "put", "nothing"), p.pick("b", "b", "b", "1", "{}"))
		case 10:
			p.line("do local ok, s = pcall(buffer.encode, %s) emit(ok, s) if ok then emit(pcall(buffer.decode, s)) emit(pcall(buffer.decode, s:sub(1, -2))) emit(pcall(buffer.decode, s .. 'x')) end end", value())
		default:
			p.call1("buffer.decode", quote(p.of("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x10\x20\x21\x80\xff", p.IntN(6))))
		}
	}
	p.line("emit(tostring(b))")
	return p.String()
}
