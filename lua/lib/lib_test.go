package lib

import (
	"strings"
	"testing"

	"moonring/lua"
)

// eval runs src and returns its results as tostring shows them, joined by
// tabs; or "error: " and the message.
func eval(t testing.TB, vm *lua.VM, src string) string {
	t.Helper()
	f, err := vm.Load([]byte(src), "=t")
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	th := vm.NewThread()
	defer vm.ReleaseThread(th)
	if st := th.Start(f); st != lua.Done {
		return "error: " + th.ErrString()
	}
	var out []string
	for i := 1; i <= th.NResults(); i++ {
		out = append(out, string(vm.AppendText(nil, th.Result(i))))
	}
	return strings.Join(out, "\t")
}

// check evaluates expressions; the wanted results are LuaJIT's.
func check(t *testing.T, cases [][2]string) {
	t.Helper()
	vm := newVM(t, lua.Config{})
	for _, c := range cases {
		// An argument rather than a result: a tail call has no position and no name.
		if got := eval(t, vm, "local function id(...) return ... end return id("+c[0]+")"); got != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestCompat52(t *testing.T) {
	vm := newVM(t, lua.Config{Compat52: true})
	for _, c := range [][2]string{
		{`return table.pack().n, table.pack(nil, 2, nil).n, table.pack(7, 8)[2], next(table.pack(nil))`, "0\t3\t8\tn\t1"},
		{`return table.unpack == unpack, table.unpack({1, 2, n = 9})`, "true\t1\t2"},
		{`local t = setmetatable({1, 2}, {__len = function() return 9 end}) return rawlen(t), #t, rawlen("abc")`, "2\t9\t3"},
		{`return pcall(rawlen, 5)`, "false\tbad argument #1 to '?' (table expected, got number)"},
		{`local co, main = coroutine.running() return type(co), main`, "thread\ttrue"},
		{`return coroutine.wrap(function() local co, main = coroutine.running() return type(co), main end)()`, "thread\tfalse"},
		{`return package.searchers == package.loaders`, "true"},
		{`local t = setmetatable({}, {__pairs = function(...) return select("#", ...), 2, 3, 4 end, __ipairs = function() return "i" end}) return pairs(t), ipairs(t), select("#", pairs(t, 2))`, "1\ti\t4"},
		{`local t = setmetatable({}, {__pairs = function(t) coroutine.yield("in") return next, {a = 1} end}) local f = coroutine.wrap(function() for k, v in pairs(t) do return k .. v end end) return f(), f()`, "in\ta1"},
		{`local a, b = setmetatable({}, {__lt = function() return "a" end}), setmetatable({}, {__lt = function() return false end})
			return a < b, b < a, a < 1, 1 < a, "x" < a, nil < a, a <= b, b <= 1, {} > a, pcall(function() return 1 <= {} end)`, "true\tfalse\ttrue\ttrue\ttrue\ttrue\ttrue\ttrue\ttrue\tfalse\tt:2: attempt to compare table with number"},
		{`local t = {3, 1, 2} table.sort(t, function(a, b) return a < b end) local m = {__lt = function(a, b) return (tonumber(a) or a.v) < (tonumber(b) or b.v) end}
			local s = {5, setmetatable({v = 3}, m), 4, setmetatable({v = 6}, {})} s[4] = nil table.sort(s) return s[1].v, s[2], s[3]`, "3\t4\t5"},
		{`local p = newproxy() return debug.setmetatable(p, {__len = function() return 7 end}) == p, #p, debug.getuservalue(p) == _G, debug.setuservalue(p, {1}) == p, debug.getuservalue(p)[1], debug.getuservalue(5)`, "true\t7\ttrue\ttrue\t1\tnil"},
		{`return pcall(debug.setuservalue, {}, {})`, "false\tbad argument #1 to '?' (userdata expected, got table)"},
	} {
		if got := eval(t, vm, c[0]); got != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], got, c[1])
		}
	}
	check(t, [][2]string{{`table.pack, table.unpack, rawlen, package.searchers, coroutine.running(), debug.getuservalue`, "nil\tnil\tnil\tnil\tnil\tnil"}})
}

func TestFormat(t *testing.T) {
	check(t, [][2]string{
		{`("%d %i %u %5d|%-5d|%05d"):format(1, -2, 3, 4, 5, 6)`, "1 -2 3     4|5    |00006"},
		{`("%.20d|%020d|%-020d|%+.3d|%5.0d|"):format(5, 5, 5, 5, 0)`, "00000000000000000005|00000000000000000005|5                   |+005|     |"},
		{`("%#o %#x %#X %#.5x %#10x|%#010x|%#o"):format(8, 255, 255, 255, 255, 255, 0)`, "010 0xff 0XFF 0x000ff       0xff|0x000000ff|0"},
		{`("%x %X %o %u"):format(-1, -1, -1, -1)`, "ffffffffffffffff FFFFFFFFFFFFFFFF 1777777777777777777777 18446744073709551615"},
		{`("%x"):format(2^64)`, "0"}, {`("%u"):format(2^63 + 2^12)`, "9223372036854779904"}, {`("%d"):format(0/0)`, "-9223372036854775808"},
		{`("%+d % d %+i"):format(0, 0, -0)`, "+0  0 +0"}, {`("%d"):format("0x10")`, "16"}, {`("%d"):format(-3.99)`, "-3"},
		{`("%s %s %s"):format(nil, true, 1.5)`, "nil true 1.5"}, {`("%5.2s|%-5s|%05s"):format("abc", "d", "e")`, "   ab|d    |    e"},
		{`("%c%c%5c|%-3c|"):format(65, "66", 67, 68)`, "AB    C|D  |"}, {`("%q"):format("a\0b\n\r\t\"\\\1271\200\0011")`, "\"a\\0b\\\n\\13\\9\\\"\\\\\\1271\xc8\\0011\""},
		{`("%q %q %q"):format(nil, true, 1/3)`, `"nil" "true" "0.33333333333333"`}, {`("%p %p"):format(nil, 1)`, "NULL NULL"},
		{`("%f %.2f %10.3f|%-10.1f|%+.0f"):format(1.5, 2.345, -3.14159, 1, 0.5)`, "1.500000 2.35     -3.142|1.0       |+1"},
		{`("%e %.0e %G %g %#g %#.0f"):format(12345.678, 15, 1e-10, 1e15, 0, 1)`, "1.234568e+04 2e+01 1E-10 1e+15 0.00000 1."},
		{`("%a %.1a %A %010a %-10a|% a"):format(1, 1.03125, 255, 1, 1, 1)`, "0x1p+0 0x1.1p+0 0X1.FEP+7 0x00001p+0 0x1p+0    | 0x1p+0"},
		{`("%+f|% f|%+f|% f|%+5f|%06f|%-6fx|%F"):format(0/0, 0/0, 1/0, 1/0, -1/0, -1/0, 1/0, 1/0)`, "nan| nan|+inf| inf| -inf|  -inf|inf   x|INF"},
		{`#("%99.99f"):format(-1e308)`, "410"}, {`("%%%d%%"):format(5)`, "%5%"}, {`("a\0%s\0b"):format("\0")`, "a\x00\x00\x00b"},
		{`("%s"):format(setmetatable({}, {__tostring = function() return "me" end}))`, "me"},
		{`("%s"):format(setmetatable({}, {__tostring = function() return 5 end}))`, "5"},
		{`("%y"):format(1)`, "error: t:1: invalid option '%y' to 'format'"}, {`("%"):format(1)`, "error: t:1: invalid option '%' to 'format'"},
		{`("%10"):format(1)`, "error: t:1: invalid option '%10' to 'format'"}, {`("%123d"):format(1)`, "error: t:1: invalid option '%123' to 'format'"},
		{`("%1.123f"):format(1)`, "error: t:1: invalid option '%1.123' to 'format'"}, {`("%ld"):format(1)`, "error: t:1: invalid option '%l' to 'format'"},
		{`string.format("%d", "x")`, "error: t:1: bad argument #2 to 'format' (number expected, got string)"}, {`string.format("%d")`, "error: t:1: bad argument #2 to 'format' (value expected)"},
		{`string.format("%s")`, "error: t:1: bad argument #2 to 'format' (value expected)"}, {`("%d"):format({})`, "error: t:1: bad argument #1 to 'format' (number expected, got table)"},
	})
}

func TestString(t *testing.T) {
	check(t, [][2]string{
		{`("abc"):byte(), ("abc"):byte(-1), ("abc"):byte(0, 10), ("abc"):byte(10)`, "97\t99\t97"}, {`("abc"):byte(1, -1)`, "97\t98\t99"}, {`("abc"):byte(2, 1e10)`, ""},
		{`("hello"):sub(2), ("hello"):sub(-3, -2), ("hello"):sub(0), ("hello"):sub(3, 2), ("hello"):sub(1, math.huge)`, "ello\tll\thello\t\t"},
		{`("ab"):rep(3), ("ab"):rep(3, "-"), ("ab"):rep(0), ("ab"):rep(-1), (""):rep(1e9), ("x"):rep(1, "y")`, "ababab\tab-ab-ab\t\t\t\tx"},
		{`("aBc[]"):upper(), ("aBc[]"):lower(), ("abc"):reverse(), #"abc", ("abc"):len()`, "ABC[]\tabc[]\tcba\t3\t3"},
		{`string.char(), string.char(72, "105", 33.9)`, "\tHi!"}, {`string.char(256)`, "error: t:1: bad argument #1 to 'char' (invalid value)"},
		{`("a.b"):find(".", 1, true), ("a.b"):find("%.")`, "2\t2\t2"}, {`("abc"):find("b", -1), ("abc"):find("", 10)`, "nil\t4\t3"}, {`("a+b"):find("+b")`, "2\t3"},
		{`("k = v"):match("^(%w+)%s*=%s*(%w+)$")`, "k\tv"}, {`("  x "):gsub("^%s*(.-)%s*$", "%1")`, "x\t1"}, {`("abc"):gsub("", "-")`, "-a-b-c-\t4"}, {`("abc"):gsub("%w", "%0%0", 2)`, "aabbc\t2"},
		{`("abc"):gsub(".", {a = 1, b = true})`, "error: t:1: invalid replacement value (a boolean)"}, {`("abc"):gsub(".", {a = "x", b = false})`, "xbc\t3"},
		{`("abc"):gsub("b", function() end)`, "abc\t1"}, {`("abc"):gsub("(b)(c)", function(x, y) return y .. x end)`, "acb\t1"}, {`("abc"):gsub("a", "%")`, "\x00bc\t1"},
		{`("abc"):gsub("a", "%2")`, "error: t:1: invalid capture index"}, {`("abc"):find("(a")`, "error: t:1: unfinished capture"}, {`("abc"):match("a)")`, "error: t:1: invalid pattern capture"},
		{`("abc"):find("%")`, "error: t:1: malformed pattern (ends with '%')"}, {`("abc"):find("[a")`, "error: t:1: malformed pattern (missing ']')"}, {`("abc"):find("%f")`, "error: t:1: missing '[' after '%f' in pattern"},
		{`("x"):rep(500):find(("x?"):rep(250))`, "error: t:1: pattern too complex"}, {`("a"):find(("()"):rep(33))`, "error: t:1: too many captures"}, {`string.byte(("x"):rep(9000), 1, -1)`, "error: t:1: string slice too long"},
		{`string.rep("x", 1e9)`, "error: not enough memory"}, {`string.dump(print)`, "error: t:1: unable to dump given function"}, {`string.len()`, "error: t:1: bad argument #1 to 'len' (string expected, got nil)"},
		{`string.rep()`, "error: t:1: bad argument #1 to 'rep' (string expected, got no value)"}, {`("x"):rep({})`, "error: t:1: bad argument #1 to 'rep' (number expected, got table)"},
		{`(function() local r = {} for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do r[#r + 1] = k .. v end return table.concat(r, " ") end)()`, "a1 b2"},
		{`(function() local r = {} for p in ("abc"):gmatch("()") do r[#r + 1] = p end return table.concat(r, " ") end)()`, "1 2 3 4"},
	})
}

func TestTable(t *testing.T) {
	check(t, [][2]string{
		{`table.concat({1, 2.5, "x"}, "-"), table.concat({}, "x"), table.concat({1, 2, 3}, ",", 2), table.concat({1, 2, 3}, ",", 3, 2)`, "1-2.5-x\t\t2,3\t"},
		{`table.concat({1, {}, 3})`, "error: t:1: invalid value (table) at index 2 in table for 'concat'"},
		{`(function() local t = {1, 2, 3} table.insert(t, 2, 9) table.insert(t, 7) return table.concat(t, " ") end)()`, "1 9 2 3 7"},
		{`table.insert({})`, "error: t:1: wrong number of arguments to 'insert'"}, {`table.insert({}, "x", 3)`, "error: t:1: bad argument #2 to 'insert' (number expected, got string)"},
		{`(function() local t = {1, 2, 3} return table.remove(t), table.remove(t, 1), #t, table.remove({}), table.remove({1}, 5) end)()`, "3\t1\t1\tnil"},
		{`table.remove()`, "error: t:1: bad argument #1 to 'remove' (table expected, got nil)"}, {`table.maxn({1, 2, nil, 4, [10.5] = 1})`, "10.5"},
		{`unpack(table.move({1, 2, 3}, 1, 3, 2))`, "1\t1\t2\t3"}, {`unpack(table.move({1, 2, 3}, 2, 3, 1))`, "2\t3\t3"}, {`#table.move({1, 2, 3}, 1, 3, 1, {})`, "3"},
		{`table.foreach({a = 1}, function(k, v) return k .. v end)`, "a1"}, {`table.foreachi({5, 6}, function(i, v) if i == 2 then return v end end)`, "6"}, {`table.getn({1, 2})`, "2"},
		{`(function() local t = {5, 2, 8, 1} table.sort(t) return table.concat(t, " ") end)()`, "1 2 5 8"},
		{`(function() local t = {"b", "a", "ab", ""} table.sort(t) return table.concat(t, ",") end)()`, ",a,ab,b"},
		{`(function() local t = {} for i = 1, 100 do t[i] = i * 7919 % 101 end table.sort(t, function(a, b) return a > b end) return t[1], t[50], t[100] end)()`, "100\t51\t1"},
		{`table.sort({3, 1, "x"})`, "error: attempt to compare string with number"}, {`table.sort({{}, {}})`, "error: attempt to compare two table values"},
		{`table.sort({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, function() return true end)`, "error: t:1: invalid order function for sorting"},
		{`(function() local t = {0/0, 3, 1} table.sort(t) return #t end)()`, "3"},
		{`require("table.isempty")({}), table.isempty({nil}), table.isempty(require("table.new")(9, 9)), table.isempty({1}), table.isempty({a = false}), table.isempty({nil, nil, 3})`, "true\ttrue\ttrue\tfalse\tfalse\tfalse"},
		{`pcall(require("table.isempty"), 1)`, "false\tbad argument #1 to '?' (table expected, got number)"},
		{`require("table.new")(3, 4) ~= nil, require("table.nkeys")({1, a = 2}), require("table.isarray")({1, 2}), require("table.isarray")({a = 1})`, "true\t2\ttrue\tfalse"},
		{`(function() local c = require("table.clone")({1, 2, x = 3}) return c[1], c[2], c.x end)()`, "1\t2\t3"},
		{`(function() local t = {1, x = 2} require("table.clear")(t) return next(t), #t end)()`, "nil\t0"},
	})
}

func TestForeachYieldsAndJIT(t *testing.T) {
	check(t, [][2]string{
		{`coroutine.wrap(function() table.foreach({1}, function(k, v) coroutine.yield(k, v) end) end)()`, "1\t1"}, {`coroutine.wrap(function() table.foreachi({5}, coroutine.yield) end)()`, "1\t5"},
		{`table.foreach({})`, "error: t:1: bad argument #2 to 'foreach' (function expected, got nil)"}, {`table.foreachi(1, print)`, "error: t:1: bad argument #1 to 'foreachi' (table expected, got number)"},
		{`jit.status(), jit.version_num, jit.os, require("jit") == jit, require("jit.opt") == jit.opt`, "false\t20100\tLinux\ttrue\ttrue"}, {`jit.opt.start("maxtrace=5", "hotloop=10")`, ""},
	})
}

func TestMathAndBit(t *testing.T) {
	check(t, [][2]string{
		{`math.floor(-0.5), math.ceil(-0.5), math.abs(-3), math.floor("3.7")`, "-1\t-0\t3\t3"}, {`math.modf(-3.7)`, "-3\t-0.7"}, {`math.modf(1/0)`, "inf\t0"}, {`math.modf(-0.5)`, "-0\t-0.5"},
		{`math.fmod(-5, 3), math.fmod(5, 0)`, "-2\tnan"}, {`math.log(8, 2), math.log(100, 10), math.log10(1000), math.log(0)`, "3\t2\t3\t-inf"}, {`math.pow(1.0001, 10000)`, "2.7181459268249"},
		{`math.max(1, 2, "3"), math.min("1", 0.5), math.max(0/0, 1), math.max(1, 0/0)`, "3\t0.5\t1\tnan"}, {`math.max()`, "error: t:1: bad argument #1 to 'max' (number expected, got no value)"},
		{`math.frexp(8), math.ldexp(0.5, 4), math.ldexp(1, 1e10)`, "0.5\t8\tinf"}, {`math.random(0), math.random(2, 1)`, "1\t2"}, {`math.deg(math.pi), math.rad(180)`, "180\t3.1415926535898"},
		{`(function() math.randomseed(42) return ("%.17g"):format(math.random()) end)()`, "0.95607928791821051"},
		{`bit.tobit(2^32 + 5), bit.tobit(1e300), bit.tobit(0/0), bit.tobit(3.5), bit.tobit("0xffffffff")`, "5\t-2013235812\t0\t4\t-1"},
		{`bit.band(0xff, 0x0f, 7), bit.bor(1, 2, 4), bit.bxor(1, 3), bit.bnot(0)`, "7\t7\t2\t-1"},
		{`bit.lshift(1, 31), bit.rshift(-1, 1), bit.arshift(-8, 1), bit.rol(0x12345678, 8), bit.ror(0x12345678, 8), bit.bswap(0x12345678)`, "-2147483648\t2147483647\t-4\t878082066\t2014458966\t2018915346"},
		{`bit.tohex(255), bit.tohex(-1, 4), bit.tohex(0xabc, -3), bit.tohex(1, 10)`, "000000ff\tffff\tABC\t0000000001"}, {`bit.band()`, "error: t:1: bad argument #1 to 'band' (number expected, got no value)"},
	})
}

func TestOS(t *testing.T) {
	check(t, [][2]string{
		{`os.date("!%Y-%m-%d %H:%M:%S %a %b %j %U %w %W %y %p %I %e %%", 1e9)`, "2001-09-09 01:46:40 Sun Sep 252 36 0 36 01 AM 01  9 %"}, {`os.date("!%c", 0)`, "Thu Jan  1 00:00:00 1970"},
		{`os.date("!%V %G %g %u %C %D %F %R %T %k %l %P %s %n%t|%h", 1e9)`, "36 2001 01 7 20 09/09/01 2001-09-09 01:46 01:46:40  1  1 am 1000000000 \n\t|Sep"},
		{`os.date("!%-d %_m %05d %^a %E %Q %5", 0)`, "1  1 00001 THU %E %Q    %5"}, {`os.date("!*t", 86400 * 200).yday, os.date("!*t", 0).isdst`, "201\tfalse"}, {`os.date("!%c", 1e20)`, "nil"},
		{`os.time({year = 2020})`, "error: t:1: field 'day' missing in date table"}, {`os.difftime(5, 3), type(os.clock())`, "2\tnumber"}, {`os.setlocale(), os.setlocale("C"), os.setlocale("xx")`, "C\tC\tnil"},
		{`os.getenv("MOONRING_NOT_SET")`, "nil"}, {`os.execute("true")`, "error: t:1: os.execute is not supported"}, {`os.exit()`, "error: t:1: os.exit is not available here"},
		{`os.remove("/nonexistent")`, "nil\t/nonexistent: No such file or directory\t2"}, {`os.rename("/nonexistent", "/x")`, "nil\t/nonexistent: No such file or directory\t2"},
	})
}

func TestIO(t *testing.T) {
	vm := newVM(t, lua.Config{})
	name := t.TempDir() + "/f"
	vm.SetField(vm.Globals(), "N", vm.NewStringS(name))
	for _, c := range [][2]string{
		{`local f = io.open(N, "w") f:write("12 0x1F -3.5e2 abc\nline2\n\nlast", 5, 2.5) return io.type(f), f:close(), io.type(f)`, "file\ttrue\tclosed file"},
		{`local f = io.open(N) return f:read("*n", "*n", "*n", "*n")`, "12\t31\t-350\tnil"},
		{`local f = io.open(N) return f:read("*l", "*L", "*l", 4, "*a", "*a", "*l")`, "12 0x1F -3.5e2 abc\tline2\n\t\tlast\t52.5\t\tnil"},
		{`local r = {} for l in io.lines(N) do r[#r + 1] = #l end return table.concat(r, " ")`, "18 5 0 8"},
		{`local r = {} for a, b in io.lines(N, 1, 2) do r[#r + 1] = a .. tostring(b) if #r == 3 then break end end return table.concat(r, "|")`, "12 |0x1|F -"},
		{`local f = io.open(N, "r+") f:seek("set", 3) f:write("ZZ") return f:seek(), f:seek("end"), f:seek("set"), f:read(8)`, "5\t34\t0\t12 ZZ1F "},
		{`local f = io.open(N, "w+") f:write(("x"):rep(10000)) f:seek("set", 9998) return f:read("*a"), f:seek("end", -4), f:read(2)`, "xx\t9996\txx"},
		{`local f = io.open(N, "w") f:setvbuf("no") f:write("now") return io.open(N):read("*a")`, "now"},
		{`return io.open("/nonexistent/x")`, "nil\t/nonexistent/x: No such file or directory\t2"}, {`return io.open(N, "z")`, "nil\t" + name + ": Invalid argument\t22"},
		{`return io.open(N):write("x")`, "nil\tBad file descriptor\t9"}, {`return io.open("/"):read()`, "nil\tIs a directory\t21"}, {`return io.stdout:close()`, "nil\tcannot close standard file"},
		{`local f = io.open(N) f:close() local l = f:read()`, "error: t:1: attempt to use a closed file"}, {`local l = io.open(N):read("*x")`, "error: t:1: bad argument #1 to 'read' (invalid format)"},
		{`local f = io.popen("ls")`, "error: t:1: 'popen' not supported"}, {`local f = io.lines("/nonexistent")`, "error: t:1: bad argument #1 to 'lines' (/nonexistent: No such file or directory)"},
		{`io.output(N) io.write("a", 1) io.close() io.output(io.stdout) return io.open(N):read("*a")`, "a1"}, {`local f = io.tmpfile() f:write("t") f:seek("set") return f:read("*a")`, "t"},
		{`local f = io.stdout.write(5)`, "error: t:1: bad argument #1 to 'write' (FILE* expected, got number)"}, {`local p = newproxy(true) debug.setmetatable(p, getmetatable(io.stdout)) return pcall(tostring, p)`, "false\tbad argument #1 to '?' (FILE* expected, got userdata)"},
	} {
		if got := eval(t, vm, c[0]); got != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestCloseFlushesFiles(t *testing.T) {
	vm := newVM(t, lua.Config{})
	name := t.TempDir() + "/f"
	vm.SetField(vm.Globals(), "N", vm.NewStringS(name))
	if got := eval(t, vm, `f = io.open(N, "w") f:write("kept") return io.open(N):read("*a")`); got != "" {
		t.Fatalf("written at once: %q", got)
	}
	Close(vm)
	if got := eval(t, vm, `return io.open(N):read("*a"), io.type(f)`); got != "kept\tclosed file" {
		t.Errorf("after Close: %q", got)
	}
}

func TestPackage(t *testing.T) {
	vm := newVM(t, lua.Config{})
	files := map[string]string{
		"./m/a.lua": `local name = ... return {name = name}`, "./b.lua": `loads = (loads or 0) + 1`, "./bad.lua": "x = = 1", "./loop.lua": `local m = require "loop"`,
		"./old.lua": `module("old.mod", package.seeall) function f() return type(print) end`, "./fails.lua": `error("oops")`,
	}
	vm.SetFileLoader(func(path string) ([]byte, error) {
		if s, ok := files[path]; ok {
			return []byte(s), nil
		}
		return nil, errNotThere
	})
	SetPath(vm, "./?.lua;./?/init.lua")
	for _, c := range [][2]string{
		{`return require("m.a").name, require("m.a") == require("m.a"), package.loaded["m.a"].name`, "m.a\ttrue\tm.a"},
		{`return require("b"), require("b"), loads`, "true\ttrue\t1"},
		{`local m = require("no.mod")`, "error: t:1: module 'no.mod' not found:\n\tno field package.preload['no.mod']\n\tno file './no/mod.lua'\n\tno file './no/mod/init.lua'"},
		{`return require("bad")`, "error: error loading module 'bad' from file './bad.lua':\n\t./bad.lua:1: unexpected symbol near '='"},
		{`return require("loop")`, "error: ./loop.lua:1: loop or previous error loading module 'loop'"},
		{`return pcall(require, "fails")`, "false\t./fails.lua:1: oops"}, {`return pcall(require, "fails")`, "false\tloop or previous error loading module 'fails'"},
		{`require("old") return old.mod.f(), old.mod._NAME, old.mod._PACKAGE, f`, "function\told.mod\told.\tnil"},
		{`package.preload.p = function(n) return n .. "!" end return require("p")`, "p!"}, {`return package.searchpath("m.a", package.path)`, "./m/a.lua"},
		{`return package.searchpath("x.y", "/a/?.lua;/b/?")`, "nil\t\n\tno file '/a/x/y.lua'\n\tno file '/b/x/y'"}, {`return require("string") == string, require("debug") == debug, require("_G") == _G`, "true\ttrue\ttrue"},
		{`x = 5 module("x")`, "error: t:1: name conflict for module 'x'"}, {`package.loaders = nil local m = require("q")`, "error: t:1: 'package.loaders' must be a table"},
	} {
		if got := eval(t, vm, c[0]); got != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

var errNotThere = errNo("not there")

type errNo string

func (e errNo) Error() string { return string(e) }

// TestNoAllocation: calls on the request path must not allocate on Go's heap.
func TestNoAllocation(t *testing.T) {
	vm := newVM(t, lua.Config{})
	for _, body := range []string{
		`s:byte(2) s:byte(1, -1)`, `s:sub(2, 5)`, `s:find("=", 1, true) s:find("(%w+)=(%w+)")`, `s:match("^(%w+)")`, `s:gsub("%w+", "x")`, `s:gsub("%w", t)`, `s:gsub("%w+", f)`,
		`for k, v in s:gmatch("(%w+)=(%w+)") do end`, `("%d %s %5.2f %x %q %g"):format(12, s, 3.25, 255, s, 0.1)`, `s:rep(3) s:rep(3, ",")`, `s:upper() s:lower() s:reverse()`, `string.char(65, 66)`,
		`table.concat(a, ",")`, `table.insert(a, 1) table.remove(a)`, `table.insert(a, 1, 5) table.remove(a, 1)`, `table.sort(a)`, `table.sort(a, g)`, `table.sort(b)`, `math.floor(1.5) math.max(1, 2, 3) math.random(10) math.log(3, 2)`,
		`bit.band(1, 3) bit.tohex(255)`, `os.time() os.clock()`, `os.date("!%Y-%m-%d %H:%M:%S", 1e9)`, `require("table.new")(4, 4)`, `table.move(a, 1, 3, 2)`,
	} {
		src := `local s, t, f, g = "key=value", {k = "K"}, function(x) return x end, function(x, y) return x < y end
local a, b = {3, 1, 2, 5, 4}, {"c", "a", "b"}
return function() ` + body + ` end`
		chunk, err := vm.Load([]byte(src), "=t")
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		th := vm.NewThread()
		if st := th.Start(chunk); st != lua.Done {
			t.Fatalf("%s: %s", body, th.ErrString())
		}
		ref := vm.Pin(th.Result(1))
		call := func() {
			if st := th.Start(vm.Pinned(ref)); st != lua.Done {
				t.Fatalf("%s: %s", body, th.ErrString())
			}
		}
		call()
		if n := testing.AllocsPerRun(50, call); n != 0 {
			t.Errorf("%s: %v allocations", body, n)
		}
		vm.Unpin(ref)
		vm.ReleaseThread(th)
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%d", "%5.2f|%-8s|%q", "%#010x%c", "%a %g %e", "%99.99f", "%%%", "%+ -#0d", "%.0s%i%u%o%X%E%G%A%p", "\x00%s"} {
		f.Add(s, 1.5, "text")
	}
	vm, err := lua.New(lua.Config{MemoryLimit: 64 << 20})
	if err != nil {
		f.Fatal(err)
	}
	Open(vm)
	src := `return function(f, x, s) return pcall(string.format, f, x, s, x, s, x, s), pcall(string.format, f, s, x, x, x, x) end`
	fn, err := vm.Call(mustLoad(f, vm, src))
	if err != nil {
		f.Fatal(err)
	}
	ref := vm.Pin(fn[0])
	f.Fuzz(func(t *testing.T, format string, x float64, s string) {
		if len(format) > 200 || len(s) > 200 {
			return
		}
		if _, err := vm.Call(vm.Pinned(ref), vm.NewStringS(format), lua.Number(x), vm.NewStringS(s)); err != nil {
			t.Fatalf("%q: %v", format, err)
		}
	})
}

func mustLoad(t testing.TB, vm *lua.VM, src string) lua.Value {
	f, err := vm.Load([]byte(src), "=t")
	if err != nil {
		t.Fatal(err)
	}
	return f
}
