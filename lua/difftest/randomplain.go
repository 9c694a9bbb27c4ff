package difftest

import (
	"fmt"
)

// plain writes programs whose every expression has a known type: nothing fails but what is meant to.
type plain struct {
	generator
	nums, strs, lists, fns []string // variables that can be seen, by type
	rest                   bool     // there is a "..." of numbers
	depth                  int      // of functions
}

// Plain returns a program that means the same to every Lua 5.1: no error texts, no number as text but whole ones, no order of pairs, no
// yield across anything.
func Plain(s Source) string {
	p := &plain{generator: generator{Source: s, size: 120}}
	p.line("local shown = emit")
	p.line("local function emit(a, ...) if a == 0 then a = 0 end return shown(a, ...) end") // of either sign
	p.line("local mt = {}")
	p.line("mt.__index = function(t, k) return k == 'q' and 7 or mt[k] end")
	p.line("mt.__add = function(a, b) return (type(a) == 'table' and rawget(a, 1) or a) + (type(b) == 'table' and rawget(b, 1) or b) end")
	p.line("mt.__call = function(self, a, b) return (a or 0) + (b or 0) + self[1] end")
	p.line("mt.__eq = function(a, b) return rawget(a, 1) == rawget(b, 1) end")
	p.line("mt.__lt = function(a, b) return rawget(a, 1) < rawget(b, 1) end")
	p.line("mt.__le = function(a, b) return rawget(a, 1) <= rawget(b, 1) end")
	p.line("mt.__concat = function(a, b) return (type(a) == 'table' and 'T' or a) .. (type(b) == 'table' and 'T' or b) end")
	p.line("mt.__unm = function(a) return -rawget(a, 1) end")
	p.line("mt.m = function(self, x) return rawget(self, 1) * 2 + x end")
	p.line("mt.__newindex = function(t, k, v) emit(k, v) rawset(t, k, v) end")
	p.line("local function obj(n) return setmetatable({n}, mt) end")
	p.block(4)
	return p.String()
}

func (p *plain) one(vars []string, otherwise string) string {
	if len(vars) == 0 {
		return otherwise
	}
	return vars[p.IntN(len(vars))]
}

func (p *plain) num(depth int) string {
	p.size--
	if depth <= 0 || p.size < 0 {
		return p.pick(p.one(p.nums, "1"), p.one(p.nums, "2"), fmt.Sprint(p.IntN(20)-5), "0.5", "3", "1e3", "-2")
	}
	d := depth - 1
	switch p.IntN(18) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", p.num(d), p.pick("+", "-", "*"), p.num(d))
	case 3:
		return fmt.Sprintf(p.pick("(math.abs(%s) %% %d)", "(%s / %d)"), p.num(d), 1+p.IntN(9))
	case 4:
		return "#" + p.one(p.lists, "{1, 2}")
	case 5:
		return fmt.Sprintf("#(%s)", p.str(d))
	case 6:
		return fmt.Sprintf("(%s[%d] or %s)", p.one(p.lists, "mt"), 1+p.IntN(4), p.num(d))
	case 7:
		return fmt.Sprintf("(%s)(%s)", p.one(p.fns, "math.floor"), p.num(d))
	case 8:
		return fmt.Sprintf("math.%s(%s)", p.pick("floor", "ceil", "abs"), p.num(d))
	case 9:
		return fmt.Sprintf("math.%s(%s, %s)", p.pick("max", "min"), p.num(d), p.num(d))
	case 10:
		return fmt.Sprintf("(%s and %s or %s)", p.cond(d), p.num(d), p.num(d))
	case 11:
		if p.rest {
			return p.pick("select('#', ...)", "((...) or 4)", "(select(2, ...) or 5)")
		}
		return fmt.Sprintf("(tonumber(%s) or 9)", p.str(d))
	case 12:
		return fmt.Sprintf("(obj(%s) + %s)", p.num(d), p.pick(p.num(d), fmt.Sprintf("obj(%s)", p.num(d))))
	case 13:
		return fmt.Sprintf("obj(%s)%s", p.num(d), p.pick("(1, 2)", ":m(3)", ".q", "[1]"))
	case 14:
		return fmt.Sprintf("-%s", p.pick("obj(2)", "("+p.num(d)+")"))
	case 15:
		return fmt.Sprintf("(string.find(%s, %s, 1, true) or 0)", p.str(d), p.str(d))
	case 16:
		return fmt.Sprintf("(string.byte(%s) or 1)", p.str(d))
	default:
		return fmt.Sprintf("(function(%s) return %s end)(%s)", "...", p.pick("select('#', ...)", "(...)", "(...) + 1"), p.num(d))
	}
}

func (p *plain) str(depth int) string {
	p.size--
	if depth <= 0 || p.size < 0 {
		return p.pick(p.one(p.strs, "'s'"), quote(p.of("abc 12", p.IntN(5))))
	}
	d := depth - 1
	switch p.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("(%s .. %s)", p.str(d), p.str(d))
	case 2:
		return fmt.Sprintf("string.sub(%s, %d, %d)", p.str(d), p.IntN(5)-2, p.IntN(7)-3)
	case 3:
		return fmt.Sprintf("string.%s(%s)", p.pick("upper", "lower", "reverse"), p.str(d))
	case 4:
		return fmt.Sprintf("(string.gsub(%s, %s, %s))", p.str(d), p.pick("'%a'", "'%d+'", "'(.)(.)'", "'[ab]'"), p.pick("'x'", "'%1%1'", "'<%0>'", "function(c) return c .. '.' end", "{a = 'A'}"))
	case 5:
		return fmt.Sprintf("string.format('%%d:%%s', %d, %s)", p.IntN(100), p.str(d))
	case 6:
		return fmt.Sprintf("tostring(%d)", p.IntN(1000))
	case 7:
		return fmt.Sprintf("(obj(1) .. %s)", p.str(d))
	default:
		return fmt.Sprintf("string.rep(%s, %d)", p.str(d), p.IntN(4))
	}
}

func (p *plain) cond(depth int) string {
	if depth <= 0 {
		return p.pick("true", "false", "nil")
	}
	d := depth - 1
	switch p.IntN(7) {
	case 0, 1:
		return fmt.Sprintf("%s %s %s", p.num(d), p.pick("<", "<=", ">", ">=", "==", "~="), p.num(d))
	case 2:
		return fmt.Sprintf("%s %s %s", p.str(d), p.pick("<", "<=", "==", "~="), p.str(d))
	case 3:
		return fmt.Sprintf("not (%s)", p.cond(d))
	case 4:
		return fmt.Sprintf("((%s) %s (%s))", p.cond(d), p.pick("and", "or"), p.cond(d))
	case 5:
		return fmt.Sprintf("obj(%s) %s obj(%s)", p.num(d), p.pick("<", "<=", "=="), p.num(d))
	default:
		return fmt.Sprintf("next(%s) ~= nil", p.one(p.lists, "{}"))
	}
}

// scope writes what f writes, whose variables are not seen afterwards.
func (p *plain) scope(f func()) {
	n, s, l, fn, rest, depth := len(p.nums), len(p.strs), len(p.lists), len(p.fns), p.rest, p.depth
	f()
	p.nums, p.strs, p.lists, p.fns, p.rest, p.depth = p.nums[:n], p.strs[:s], p.lists[:l], p.fns[:fn], rest, depth
}

func (p *plain) block(depth int) {
	p.scope(func() {
		for range 2 + p.IntN(5) {
			if p.size < 0 {
				return
			}
			p.stat(depth)
		}
	})
}

// function writes a function of one number that returns one.
func (p *plain) function(head string, depth int) {
	p.scope(func() {
		a := p.fresh("a")
		p.rest, p.depth = p.IntN(2) == 0, p.depth+1
		if p.rest {
			p.line("%s(%s, ...) step()", head, a)
		} else {
			p.line("%s(%s) step()", head, a)
		}
		p.line("%s = %s or 3", a, a)
		p.nums = append(p.nums, a)
		p.block(depth - 1)
		p.line("return %s end", p.num(2))
	})
}

func (p *plain) stat(depth int) {
	p.size--
	k := p.IntN(22)
	if depth <= 0 || p.depth > 3 {
		k %= 9
	}
	switch k {
	case 0, 1:
		v := p.fresh("n")
		p.line("local %s = %s", v, p.num(3))
		p.nums = append(p.nums, v)
	case 2:
		v := p.fresh("s")
		p.line("local %s = %s", v, p.str(3))
		p.strs = append(p.strs, v)
	case 3:
		v := p.fresh("t")
		p.line("local %s = {%s, %s, %s}", v, p.num(1), p.num(1), p.num(1))
		p.lists = append(p.lists, v)
	case 4:
		if len(p.nums) > 1 {
			p.line("%s, %s = %s, %s", p.one(p.nums, ""), p.one(p.nums, ""), p.num(0), p.num(0)) // calls there confuse gopher-lua's registers
		}
	case 5, 6:
		p.line("emit(%s, %s, %s)", p.num(2), p.str(2), p.cond(2))
	case 7:
		if len(p.lists) > 0 {
			t := p.one(p.lists, "")
			p.line("%s", p.pick("table.insert("+t+", "+p.num(1)+")", "table.insert("+t+", 1, "+p.num(1)+")", "emit((table.remove("+t+")))", "emit((table.remove("+t+", 1)))", t+"[#"+t+" + 1] = "+p.num(2), "emit(unpack("+t+"))", "emit(#"+t+", "+t+"[1])",
				"table.sort("+t+")", "table.sort("+t+", function(a, b) return a > b end)"))
		}
	case 8:
		if len(p.strs) > 0 {
			v := p.one(p.strs, "")
			p.line("if #%s < 40 then %s = %s end", v, v, p.str(2))
		}
	case 9:
		p.line("if %s then", p.cond(2))
		p.block(depth - 1)
		if p.IntN(2) == 0 {
			p.line("elseif %s then", p.cond(2))
			p.block(depth - 1)
		}
		if p.IntN(2) == 0 {
			p.line("else")
			p.block(depth - 1)
		}
		p.line("end")
	case 10:
		v := p.fresh("i")
		p.line("for %s = %s do step()", v, p.pick("1, 3", "3, 1, -1", "1, 2, 0.5", "2, 1", "0, 6, 3"))
		p.scope(func() { p.nums = append(p.nums, v); p.block(depth - 1) })
		p.line("end")
	case 11:
		v, w := p.fresh("i"), p.fresh("v")
		p.line("for %s, %s in ipairs({%s, %s}) do step()", v, w, p.num(1), p.num(1))
		p.scope(func() { p.nums = append(p.nums, v, w); p.block(depth - 1) })
		p.line("end")
	case 12:
		v := p.fresh("w")
		p.line("local %s = 0 while %s < %d do step() %s = %s + 1", v, v, p.IntN(4), v, v)
		p.block(depth - 1)
		p.line("if %s then break end end", p.cond(2))
		p.nums = append(p.nums, v)
	case 13:
		v := p.fresh("r")
		p.line("local %s = 0 repeat step() %s = %s + 1 local last = %s", v, v, v, v)
		p.block(depth - 1)
		p.line("until last >= %d or %s", p.IntN(4), p.cond(2))
	case 14, 15:
		f := p.fresh("f")
		p.function("local function "+f, depth)
		p.fns = append(p.fns, f)
	case 16: // closures over a loop's variables
		f := p.fresh("f")
		p.line("local %s = {} for i = 1, 3 do local x = i * 2 %s[i] = function(d) x = x + d + i return x end end", f, f)
		p.line("emit(%s[1](1), %s[1](2), %s[2](1), %s[3](%s))", f, f, f, f, p.num(1))
	case 17:
		p.line("emit((pcall(%s)))", p.pick("error, 'x'", "function() error({}) end", "function() local x = nil return x.y end", "function() return 1 end", "function() return {} + 1 end", "function() return #nil end", "function() nothing() end"))
	case 18:
		p.line("local ok, e = pcall(function() %s error(%s) end) emit(ok, type(e) == 'table' and e[1] or e)", p.pick("", "step()"), p.pick("{"+p.num(1)+"}", "nil", "'text', 0", "true"))
	case 19:
		co := p.fresh("co")
		p.function("local "+co+" = coroutine.create(function", depth)
		p.line(")")
		p.line("emit(coroutine.resume(%s, %s)) emit(coroutine.status(%s), (coroutine.resume(%s)))", co, p.num(1), co, co)
	case 20:
		g := p.fresh("g")
		p.line("local %s = coroutine.wrap(function(a) local n = 0 while n < %d do step() n = n + 1 a = coroutine.yield(a, n) end return 'over' end)", g, p.IntN(4))
		p.line("emit(%s(1)) emit((pcall(%s, %s))) emit((pcall(%s, 3)))", g, g, p.num(1), g)
	default:
		p.line("do")
		p.block(depth - 1)
		p.line("end")
	}
}
