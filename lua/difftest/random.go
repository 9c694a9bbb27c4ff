package difftest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Source decides what a random program looks like. Both kinds are at their end deterministic: equal sources give equal programs.
type Source interface {
	IntN(n int) int // 0 <= result < n
}

// NewSource returns a source of any length for a seed.
func NewSource(seed, stream uint64) Source { return rand.New(rand.NewPCG(seed, stream)) }

// Bytes is a source that reads its decisions from data, as a fuzzer mutates it; when that is used up, all are 0: programs end soon then.
type Bytes struct{ data []byte }

// NewBytes returns the source that data is.
func NewBytes(data []byte) *Bytes { return &Bytes{data} }

func (b *Bytes) IntN(n int) int {
	if len(b.data) == 0 {
		return 0
	}
	v := int(b.data[0])
	b.data = b.data[1:]
	return v % n
}

// Prelude defines the globals that a random program uses: what may be different in two runs, or two engines, goes through them.
//
//	step()    takes from the fuel: ends runaway recursion
//	emit(...) prints values
//	str(v)    tostring that shows no addresses
//	dense(t)  the items of a list without holes
//	lenient() gives all basic types metamethods, so that little fails
//	run(f, err, how) runs a program that was compiled, or tells why it was not
const Prelude = `
local fuel = 0
function refuel(n) fuel = n end
function step() fuel = fuel - 1 if fuel < 0 then error("out of fuel", 0) end end
local function show(v)
  local t = type(v)
  if t == "number" then
    if v ~= v then return "nan" end
    return string.format("%.17g", v)
  end
  if t == "string" then
    return '"' .. string.gsub(v, "[%c\\\"\127-\255]", function(c) return string.format("\\%d", string.byte(c)) end) .. '"'
  end
  if t == "nil" or t == "boolean" then return tostring(v) end
  return t
end
function str(v)
  if type(v) == "table" or type(v) == "userdata" then
    local mt = getmetatable(v)
    if type(mt) ~= "table" or not rawget(mt, "__tostring") then return type(v) end
  elseif type(v) == "function" or type(v) == "thread" then
    return type(v)
  end
  return tostring(v)
end
local operators = {
  __index = function(v, k) step() return k end,
  __newindex = function() step() end,
  __call = function(f, ...) step() return ... end,
  __concat = function(a, b) step() return str(a) .. "+" .. str(b) end,
  __lt = function(a, b) step() return str(a) < str(b) end,
  __le = function(a, b) step() return str(a) <= str(b) end,
  __unm = function(a) step() return 1 end,
  __len = function(a) step() return 2 end,
}
for _, mm in ipairs{"__add", "__sub", "__mul", "__div", "__mod", "__pow"} do
  operators[mm] = function(a, b) step() return type(a) == "number" and a or 3 end
end
function lenient(on)
  local mt = on and operators or nil
  debug.setmetatable(nil, mt) debug.setmetatable(true, mt) debug.setmetatable(1, mt)
  debug.setmetatable(print, mt)
  for k, v in pairs(operators) do
    if k ~= "__index" and k ~= "__lt" and k ~= "__le" then getmetatable("")[k] = on and v or nil end
  end
end
function dense(t)
  local d = {}
  for i = 1, 9 do if rawget(t, i) ~= nil then rawset(d, #d + 1, t[i]) end end
  return d
end
local lines = 0
function emit(...)
  lines = lines + 1
  if lines > 60 then error("too many lines", 0) end
  local t = {}
  for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end
  local s = table.concat(t, " ")
  if #s > 500 then s = s:sub(1, 500) .. "..." .. #s end
  print(s)
end
function run(f, err, how)
  if how == "load" then return print(err or "compiled") end
  if not f then return print(how == "finished" and "load" or "load: " .. err) end
  fuel, lines = 400, 0
  local env = setmetatable({}, {__index = _G})
  setfenv(f, env)
  local pcall, emit, select, print = pcall, emit, select, print
  local function final(ok, ...)
    lines, fuel = 0, 1000
    if how == "finished" then return print(ok) end
    emit("end", ok, ...)
  end
  if how == "thread" then
    local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
    local co = create(f)
    local function turn(n, ...)
      if status(co) == "dead" or n > 9 then return final(...) end
      emit("yield", ...)
      return turn(n + 1, resume(co, n, "again"))
    end
    turn(1, resume(co, 1, "two", nil, 4))
  else
    final(pcall(f, 1, "two", nil, 4))
  end
end
`

// generator writes one random program.
type generator struct {
	Source
	strings.Builder
	vars   []string // locals that can be seen
	funcs  int      // nesting of functions
	vararg bool
	loop   bool
	size   int // statements and expressions left
	serial int
}

// Program returns a random Lua chunk that ends by itself, given the globals of Prelude. It reaches for what engines get wrong: metamethods,
// coroutines and protected calls inside one another, errors everywhere, variable numbers of values, closures over loop variables.
func Program(s Source) string {
	p := &generator{Source: s, vararg: true, size: 60 + s.IntN(200)}
	if s.IntN(3) > 0 {
		p.line("lenient(true)")
	}
	p.stats(3, 3+p.IntN(10))
	p.line("return %s", p.exprs(1, 3))
	return p.String()
}

func (p *generator) pick(s ...string) string { return s[p.IntN(len(s))] }

func (p *generator) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

func (p *generator) fresh(prefix string) string {
	p.serial++
	return fmt.Sprintf("%s%d", prefix, p.serial)
}

func (p *generator) name() string {
	if len(p.vars) == 0 || p.IntN(12) == 0 {
		return p.pick("g1", "g2", "g3", "undefined")
	}
	if n := len(p.vars); p.IntN(2) == 0 {
		return p.vars[max(n-1-p.IntN(4), 0)]
	} else {
		return p.vars[p.IntN(n)]
	}
}

func (p *generator) declare(v string) { p.vars = append(p.vars, v) }

func (p *generator) number() string {
	return p.pick("0", "1", "2", "3", "-1", "10", "0.5", "-0", "1e15", "2^53", "1e300", "(0/0)", "(1/0)", "(-1/0)", "-7", "1e-3", "255", "65536", "-32769", "0x7fffffff")
}

func (p *generator) text() string {
	return p.pick(`"a"`, `"abc"`, `""`, `"10"`, `" 0x10 "`, `"1e2"`, `"x\0y"`, `"__index"`, `"k"`, `"n"`, `"%d"`, `("ab"):rep(3)`, `"nan"`, `"5x"`)
}

func (p *generator) binop() string {
	return p.pick("+", "-", "*", "/", "%", "^", "..", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "and", "or")
}

// exprs returns an expression list of least..most items.
func (p *generator) exprs(least, most int) string {
	n := least + p.IntN(most-least+1)
	s := make([]string, n)
	for i := range s {
		s[i] = p.expr(2)
	}
	if n > 0 && p.IntN(3) == 0 {
		s[n-1] = p.multi(2)
	}
	return strings.Join(s, ", ")
}

// multi returns an expression with any number of values.
func (p *generator) multi(depth int) string {
	switch p.IntN(8) {
	case 0:
		if p.vararg {
			return "..."
		}
		return p.call(depth)
	case 1:
		return fmt.Sprintf("unpack({%s}, %s, %s)", p.exprs(0, 3), p.pick("1", "0", "-1", "2"), p.pick("1", "2", "3", "5", "40"))
	case 2:
		if p.vararg {
			return fmt.Sprintf("select(%s, ...)", p.pick("1", "2", "-1", "'#'", "3", "9", "-9"))
		}
		return p.call(depth)
	case 3:
		return fmt.Sprintf("pcall(%s)", p.exprs(1, 3))
	case 4:
		return fmt.Sprintf("coroutine.resume(%s)", p.exprs(1, 2))
	default:
		return p.call(depth)
	}
}

func (p *generator) call(depth int) string {
	switch p.IntN(14) {
	case 0:
		return fmt.Sprintf("(%s):%s(%s)", p.expr(depth-1), p.pick("sub", "rep", "upper", "find", "len", "m", "k"), p.pick("1", "2, 3", "-2", "'b'", p.name()))
	case 1:
		return fmt.Sprintf("%s:%s(%s)", p.name(), p.pick("m", "k", "n"), p.exprs(0, 2))
	case 2:
		return fmt.Sprintf("(%s)(%s)", p.function(depth-1), p.exprs(0, 3))
	case 3:
		return fmt.Sprintf("coroutine.wrap(%s)(%s)", p.expr(depth-1), p.exprs(0, 2))
	case 4:
		return fmt.Sprintf("coroutine.yield(%s)", p.exprs(0, 2))
	case 5:
		return fmt.Sprintf("pcall(%s)", p.exprs(1, 3))
	case 6:
		return fmt.Sprintf("xpcall(%s, %s)", p.expr(depth-1), p.pick("function(e) return str(e) .. '!' end", "emit", "error", "function(e) return e, 2 end", p.name()))
	case 7:
		return fmt.Sprintf("%s(%s)", p.pick("str", "tonumber", "type", "rawlen", "select", "next", "rawequal", "rawget", "math.floor", "string.format", "unpack"), p.pick(p.exprs(1, 2), p.name(), p.number()))
	case 8:
		return fmt.Sprintf("error(%s)", p.exprs(1, 2))
	case 9:
		return fmt.Sprintf("setmetatable(%s, %s)", p.expr(depth-1), p.metatable(depth-1))
	case 10:
		return fmt.Sprintf("string.gsub(%s, %s, %s)", p.text(), p.pick(`"."`, `"%w+"`, `"(a)(b)"`, `""`), p.expr(depth-1))
	default:
		return fmt.Sprintf("%s(%s)", p.name(), p.exprs(0, 3))
	}
}

func (p *generator) function(depth int) string {
	if p.funcs >= 4 || p.size <= 0 {
		return p.pick("function() step() return 1 end", "function(a, b) step() return b, a end", "function(...) step() return ... end")
	}
	inner := &generator{Source: p.Source, size: p.size / 2, serial: p.serial + 1, funcs: p.funcs + 1}
	inner.vars = append(inner.vars, p.vars...)
	var params []string
	for range p.IntN(4) {
		v := inner.fresh("p")
		params = append(params, v)
		inner.declare(v)
	}
	if p.IntN(3) == 0 {
		params = append(params, "...")
		inner.vararg = true
	}
	inner.stats(min(depth, 2), p.IntN(4))
	if p.IntN(4) > 0 {
		inner.line("return %s", inner.exprs(0, 3))
	}
	p.size -= 3 + p.size/4
	p.serial = inner.serial
	return "function(" + strings.Join(params, ", ") + ") step()\n" + inner.String() + "end"
}

func (p *generator) metatable(depth int) string {
	if p.IntN(3) == 0 {
		return p.name()
	}
	var b strings.Builder
	b.WriteString("{")
	for range 1 + p.IntN(4) {
		mm := p.pick("__index", "__newindex", "__call", "__add", "__sub", "__unm", "__concat", "__eq", "__lt", "__le", "__len", "__tostring", "__mode", "__metatable", "__mul", "__div", "__mod", "__pow")
		v := ""
		switch p.IntN(6) {
		case 0:
			v = p.expr(depth - 1)
		case 1:
			v = p.pick("function(a, b) step() return coroutine.yield(a, b) end", "function(a, b) step() error(b) end", "function(a, b) step() return type(a) end", "pcall", "rawget", "rawset", "coroutine.wrap(function(...) while true do coroutine.yield(1) end end)", "function(a, b) step() return a == nil, 2 end", "function(t, k, v) step() rawset(t, k, v) end")
		default:
			v = p.function(depth - 1)
		}
		fmt.Fprintf(&b, "%s = %s, ", mm, v)
	}
	b.WriteString("}")
	return b.String()
}

func (p *generator) table(depth int) string {
	var items []string
	for range p.IntN(5) {
		switch p.IntN(5) {
		case 0:
			items = append(items, fmt.Sprintf("[%s] = %s", p.pick("1", "'k'", "0", "-1", "1.5", "2^53", p.name()), p.expr(depth-1)))
		case 1:
			items = append(items, p.pick("k", "n", "m")+" = "+p.expr(depth-1))
		default:
			items = append(items, p.expr(depth-1))
		}
	}
	if p.IntN(4) == 0 {
		items = append(items, p.multi(depth-1))
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func (p *generator) expr(depth int) string {
	p.size--
	if depth <= 0 || p.size <= 0 {
		return p.pick(p.name(), p.name(), p.number(), p.text(), "nil", "true", "false")
	}
	switch p.IntN(16) {
	case 0, 1, 2:
		return p.name()
	case 3:
		return p.number()
	case 4:
		return p.text()
	case 5, 6, 7:
		return fmt.Sprintf("(%s %s %s)", p.expr(depth-1), p.binop(), p.expr(depth-1))
	case 8:
		return fmt.Sprintf("(%s%s)", p.pick("not ", "-", "#", "- -"), p.expr(depth-1))
	case 9:
		return p.table(depth)
	case 10:
		return p.function(depth)
	case 11:
		return fmt.Sprintf("%s.%s", p.name(), p.pick("k", "n", "m"))
	case 12:
		return fmt.Sprintf("%s[%s]", p.name(), p.expr(depth-1))
	case 13:
		return fmt.Sprintf("(%s)", p.multi(depth-1))
	case 14:
		return fmt.Sprintf("setmetatable(%s, %s)", p.table(depth-1), p.metatable(depth-1))
	default:
		return p.call(depth)
	}
}

// stats writes n statements.
func (p *generator) stats(depth, n int) {
	for range n {
		if p.size <= 0 {
			return
		}
		p.stat(depth)
	}
}

// block writes a nested block.
func (p *generator) block(depth int, vars ...string) {
	n := len(p.vars)
	p.vars = append(p.vars, vars...)
	p.stats(depth-1, 1+p.IntN(3))
	p.vars = p.vars[:n]
}

func (p *generator) loopBlock(depth int, vars ...string) {
	was := p.loop
	p.loop = true
	p.line("step()")
	p.block(depth, vars...)
	if p.IntN(5) == 0 {
		p.line("if %s then break end", p.expr(1))
	}
	p.loop = was
}

func (p *generator) stat(depth int) {
	p.size--
	k := p.IntN(24)
	if depth <= 0 && k >= 12 {
		k %= 12
	}
	switch k {
	case 0, 1:
		v := p.fresh("v")
		p.line("local %s = %s", v, p.expr(3))
		p.declare(v)
	case 2:
		v, w := p.fresh("v"), p.fresh("v")
		p.line("local %s, %s = %s", v, w, p.exprs(1, 2))
		p.declare(v)
		p.declare(w)
	case 3:
		p.line("%s = %s", p.name(), p.expr(3))
	case 4:
		p.line("%s.%s = %s", p.name(), p.pick("k", "n", "m", "__index"), p.expr(2))
	case 5:
		p.line("%s[%s] = %s", p.name(), p.expr(1), p.expr(2))
	case 6:
		p.line("%s, %s = %s", p.name(), p.name(), p.exprs(1, 3))
	case 7, 8:
		p.line("emit(%s)", p.exprs(1, 3))
	case 9:
		p.line("emit(%s)", p.multi(2))
	case 10:
		v := p.fresh("t")
		p.line("local %s = setmetatable(%s, %s)", v, p.table(1), p.metatable(2))
		p.declare(v)
	case 11:
		v := p.fresh("f")
		p.line("local %s = %s", v, p.function(depth))
		p.declare(v)
	case 12:
		p.line("if %s then", p.expr(2))
		p.block(depth)
		if p.IntN(2) == 0 {
			p.line("else")
			p.block(depth)
		}
		p.line("end")
	case 13:
		v := p.fresh("i")
		p.line("for %s = %s, %s, %s do", v, p.pick("1", "3", "-1", "0.5", p.expr(1)), p.pick("3", "1", "0", p.expr(1)), p.pick("1", "-1", "0.7", "2", p.expr(1)))
		p.loopBlock(depth, v)
		p.line("end")
	case 14:
		v, w := p.fresh("k"), p.fresh("v")
		p.line("for %s, %s in %s do", v, w, p.pick(
			"ipairs("+p.expr(2)+")", "ipairs({"+p.exprs(0, 3)+"})", "pairs({"+p.exprs(0, 3)+"})", "next, {"+p.exprs(0, 2)+"}",
			"coroutine.wrap("+p.function(depth-1)+")", p.exprs(1, 3), `string.gmatch("a b c", "%w")`,
			"setmetatable({}, {__call = function(s, a, c) step() c = (c or 0) + 1 if c < 4 then return c, a end end})"))
		p.loopBlock(depth, v, w)
		p.line("end")
	case 15:
		v := p.fresh("n")
		p.line("local %s = 0", v)
		p.line("while %s < %s do %s = %s + 1", v, p.pick("2", "3", "4"), v, v)
		p.loopBlock(depth, v)
		p.line("end")
	case 16:
		v := p.fresh("n")
		p.line("repeat local %s = %s", v, p.expr(1))
		p.loopBlock(depth, v)
		p.line("until %s or true", v)
	case 17:
		v := p.fresh("f")
		fn := p.function(depth)
		p.line("local function %s%s", v, fn[len("function"):])
		p.declare(v)
	case 18:
		co := p.fresh("co")
		p.line("local %s = coroutine.create(%s)", co, p.function(depth))
		p.declare(co)
		n := p.IntN(4)
		for range n {
			p.line("emit(coroutine.resume(%s, %s))", co, p.exprs(1, 2))
		}
		p.line("emit(coroutine.status(%s))", co)
	case 19:
		p.line("emit(pcall(%s, %s))", p.function(depth), p.exprs(1, 3))
	case 20:
		h := p.pick("function(e) return 'handled ' .. str(e) end", "function(e) step() error(e) end", "function(e) emit(e) return debug.traceback and 1 end", p.function(1), "coroutine.yield", p.name())
		p.line("emit(xpcall(%s, %s))", p.function(depth), h)
	case 21:
		p.line("do")
		p.block(depth)
		p.line("end")
	case 22:
		t := p.fresh("t")
		p.line("local %s = dense{%s}", t, p.exprs(1, 4)) // with holes the length would be anything
		p.declare(t)
		arg := p.pick("function(a, b) step() return a < b end", "1", p.function(1), p.expr(1))
		f := p.pick("table.sort(", "table.insert(", "emit(table.remove, ", "emit(pcall(table.concat, ", "table.foreach(", "emit(pcall(table.sort, ")
		p.line("%s%s, %s%s", f, t, arg, strings.Repeat(")", strings.Count(f, "(")))
	case 23:
		if p.loop && p.IntN(2) == 0 {
			p.line("if %s then break end", p.expr(2))
		} else {
			p.line("if %s then return %s end", p.expr(2), p.exprs(0, 3))
		}
	}
}
