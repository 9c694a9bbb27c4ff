package lib

import (
	"strings"
	"testing"

	"moonring/lua"
)

// What lua-cjson 2.1.0 answers on LuaJIT, and where OpenResty's branch goes on, that branch.
func TestCJSON(t *testing.T) {
	const j = `local j = require "cjson" local e, d = j.encode, j.decode `
	vm := newVM(t, lua.Config{Compat52: true})
	for _, c := range [][2]string{
		{`return e{1, 2, {a = 1}, "x", true, j.null}`, `[1,2,{"a":1},"x",true,null]`},
		{`return e"\0\1\31\127\128\255\"\\/\n\t\r\b\f"`, `"\u0000\u0001\u001f\u007f` + "\x80\xff" + `\"\\\/\n\t\r\b\f"`},
		{`return e{1e15, 1/3, 123456789012345, -0.0, 1e100, 2^53, 12345678901, -5, 0, 999999999, 1e-5}`, `[1e+15,0.33333333333333,1.2345678901234e+14,-0,1e+100,9.007199254741e+15,12345678901,-5,0,999999999,1e-05]`},
		{`return e{}, e{[0] = 1}, e{[-1] = 3}, e{[1.5] = 1}, e{[2^53] = 1}, e{[10] = 1}, e{1, 2, 3, [7] = 1}`,
			`{}	{"0":1}	{"-1":3}	{"1.5":1}	{"9.007199254741e+15":1}	[null,null,null,null,null,null,null,null,null,1]	[1,2,3,null,null,null,1]`},
		{`return e{x = 3}, e(nil), e(j.null), e(true)`, `{"x":3}	null	null	true`},
		{`e{[11] = 1}`, `error: t:1: Cannot serialise table: excessively sparse array`},
		{`e{1, [20] = 1}`, `error: t:1: Cannot serialise table: excessively sparse array`},
		{`e(print)`, `error: t:1: Cannot serialise function: type not supported`},
		{`e(coroutine.create(print))`, `error: t:1: Cannot serialise thread: type not supported`},
		{`e(newproxy())`, `error: t:1: Cannot serialise userdata: type not supported`},
		{`e{[true] = 1}`, `error: t:1: Cannot serialise boolean: table key must be a number or string`},
		{`e(0/0)`, `error: t:1: Cannot serialise number: must not be NaN or Infinity`},
		{`e{{1, -1/0}}`, `error: t:1: Cannot serialise number: must not be NaN or Infinity`},
		{`e()`, `error: t:1: bad argument #1 to 'e' (expected 1 argument)`}, {`e(1, 2)`, `error: t:1: bad argument #1 to 'e' (expected 1 argument)`},
		{`local t = {} for i = 1, 999 do t = {t} end return #e(t)`, `2000`},
		{`local t = {} for i = 1, 1000 do t = {t} end return #e(t)`, `error: t:1: Cannot serialise, excessive nesting (1001)`},
		{`local t = {} t[1] = t j.encode_max_depth(2^31 - 1) e(t)`, `error: t:1: Cannot serialise, excessive nesting (8001)`},

		{`return d'[1,"a",null,true,{"k":[false]}]'[5].k[1], d"null" == j.null, d'{"a":{"b":2}}'.a.b, #d"[]", next(d"{}")`, `false	true	2	0	nil`},
		{`return d" \t\r\n1 \n", d"1", d"-0", d"01", d"0x10", d"0x1p4", d"+1", d"1.", d"1e5", d"-1.5E-1", d"1e400", d"[1]\0x"[1]`, `1	1	-0	1	16	16	1	1	100000	-0.15	inf	1`},
		{`return d"Infinity", d"-Infinity", d"nan", d"-NaN", d"inf"`, `inf	-inf	nan	nan	inf`},
		{`return d'"\\u00e9\\u20ac\\uffff\\ud83d\\ude00\\u0041\\/\\b\\f\\n\\r\\t\\"\\\\"', d'"a\nb"', #d'"\\u0000"'`, "é€\uffff😀A/\b\f\n\r\t\"\\\ta\nb\t1"},
		{`return d'{"a":1,"a":2}'.a, d'{"":3}'[""], d'{"1":2}'[1], d'{"1":2}'["1"], d(1)`, `2	3	nil	2	1`},
		{`d()`, `error: t:1: bad argument #1 to 'd' (expected 1 argument)`}, {`d{}`, `error: t:1: bad argument #1 to 'd' (string expected, got table)`},
		{`d"\0a"`, `error: t:1: JSON parser does not support UTF-16 or UTF-32`}, {`local x = d"1\0"`, `error: t:1: JSON parser does not support UTF-16 or UTF-32`},
		{`return #d(("["):rep(1000) .. ("]"):rep(1000))`, `1`},

		{`return j.encode_sparse_array(), j.encode_max_depth(), j.decode_max_depth(), j.encode_number_precision(), j.encode_keep_buffer(), j.encode_invalid_numbers(), j.decode_invalid_numbers()`,
			`false	1000	1000	14	true	false	true`},
		{`return j.encode_sparse_array(true, 3, 4)`, `true	3	4`}, {`return j.encode_sparse_array("on"), j.encode_sparse_array("off")`, `true	false	2	10`},
		{`j.encode_sparse_array(0)`, `error: t:1: bad argument #1 to 'encode_sparse_array' (invalid option '0')`},
		{`j.encode_sparse_array(1, 2, 3, 4)`, `error: t:1: bad argument #4 to 'encode_sparse_array' (found too many arguments)`},
		{`j.encode_sparse_array(true, -1)`, `error: t:1: bad argument #1 to 'encode_sparse_array' (expected integer between 0 and 2147483647)`},
		{`return j.encode_indent(), j.encode_indent("  "), e{1, {}, {2, {3}}}, e{a = {b = 1}}, e{j.empty_array}, e"x"`,
			"\t  \t[\n  1,\n  {},\n  [\n    2,\n    [\n      3\n    ]\n  ]\n]\t{\n  \"a\": {\n    \"b\": 1\n  }\n}\t[\n  []\n]\t\"x\""},
		{`j.encode_indent("\t") j.encode_skip_unsupported_value_types(true) return e{print, 1, print}, e{print}, e{}, j.new().encode{1}, j.encode_indent(""), e{1}`,
			"[\n\t1\n]\t[\n]\t{}\t[1]\t\t[1]"},
		{`j.encode_indent("..") local t = setmetatable({}, {__len = function() j.encode_indent("") collectgarbage() return 1 end, __index = function() return 7 end}) return e{t}`,
			"[\n..[\n....7\n..]\n]"},
		{`j.encode_indent({})`, `error: t:1: bad argument #1 to 'encode_indent' (string expected, got table)`},
		{`j.encode_max_depth(0)`, `error: t:1: bad argument #1 to 'encode_max_depth' (expected integer between 1 and 2147483647)`},
		{`j.encode_max_depth("x")`, `error: t:1: bad argument #1 to 'encode_max_depth' (number expected, got string)`},
		{`j.encode_number_precision(17)`, `error: t:1: bad argument #1 to 'encode_number_precision' (expected integer between 1 and 16)`},
		{`j.encode_invalid_numbers("never")`, `error: t:1: bad argument #1 to 'encode_invalid_numbers' (invalid option 'never')`},
		{`j.decode_invalid_numbers("null")`, `error: t:1: bad argument #1 to 'decode_invalid_numbers' (invalid option 'null')`},
		{`local n = j.new() n.encode_sparse_array(true) return n.encode{[100] = 1}, (pcall(e, {[100] = 1}))`, `{"100":1}	false`},
		{`j.encode_sparse_array(false, 2, 3) return e{[3] = 1}, (pcall(e, {[4] = 1}))`, `[null,null,1]	false`},
		{`j.encode_sparse_array(false, 0) return #e{[1000] = 1}`, `4998`},
		{`return j.encode_invalid_numbers(true), e{0/0, -1/0, 1/0}`, `true	[NaN,-Infinity,Infinity]`}, {`return j.encode_invalid_numbers("null"), e{0/0}`, `null	[null]`},
		{`j.encode_number_precision(3) return e{1/3, 12345, 1e10, 0.5}`, `[0.333,1.23e+04,1e+10,0.5]`}, {`j.encode_number_precision(16) return e(0.1)`, `0.1`},
		{`j.encode_max_depth(2) return e{{1}}, (select(2, pcall(e, {a = {b = {}}})))`, `[[1]]	Cannot serialise, excessive nesting (3)`},
		{`j.decode_max_depth(2) return d"[[1]]"[1][1], (select(2, pcall(d, "[[[1]]]")))`, `1	Found too many nested data structures (3) at character 3`},
		{`j.decode_max_depth(2^31 - 1) return pcall(d, ("["):rep(9000))`, `false	Found too many nested data structures (8001) at character 8001`},

		{`return e(j.empty_array), e{j.empty_array}, e(setmetatable({}, j.empty_array_mt)), e(setmetatable({a = 1}, j.empty_array_mt)), e(setmetatable({1, a = 2}, j.array_mt)), e(setmetatable({}, j.array_mt))`,
			`[]	[[]]	[]	[]	[1]	[]`},
		{`return j.encode_empty_table_as_object(false), e{}, e{a = {}}, e(setmetatable({}, {}))`, `false	[]	{"a":[]}	[]`},
		{`j.decode_array_with_array_mt(true) return e(d"[]"), e(d'{"a":[]}'), getmetatable(d"[]") == j.array_mt, getmetatable(d"{}")`, `[]	{"a":[]}	true	nil`},
		{`j.decode_array_with_array_mt(true) return e(d"[1,[]]")`, `[1,[]]`},
		{`j.encode_escape_forward_slash(false) return e"a/b\"c"`, `"a/b\"c"`},
		{`j.encode_skip_unsupported_value_types(true) return e{1, print, 2}, e{print, print}, e{a = print}, e{print, 1}`, `[1,2]	[]	{}	[1]`},
		{`j.decode_allow_comment(true) return d"/* a */ [1, // b\n 2 /**/ ]//c"[2], (select(2, pcall(d, "[1 /* x")))`, `2	Expected comma or array end but found unclosed multi-line comment at character 8`},
		{`return (select(2, pcall(d, "[1 /* x */]")))`, `Expected comma or array end but found invalid token at character 4`},
		{`return e(setmetatable({}, {__len = function() return 2 end, __index = function(_, i) return i * 10 end}))`, `[10,20]`},
		{`return e(setmetatable({5, 6}, {__index = function() return 1 end})), e(setmetatable({a = 1}, {__index = {b = 2}}))`, `[5,6]	{"a":1}`},
		{`local p p = {a = setmetatable({}, {__len = function() p.a, p.b = nil, nil collectgarbage() return 1 end, __index = function() collectgarbage() return {{}} end})} return e(p)`, `{"a":[[{}]]}`},
		{`e(setmetatable({}, {__len = function() error("x", 0) end}))`, `error: x`},

		{`local s = require "cjson.safe" return s._NAME, s == j, s.null == j.null, s.encode(print)`, `cjson	false	true	nil	Cannot serialise function: type not supported`},
		{`local s = require "cjson.safe" return s.decode"[1"`, `nil	Expected comma or array end but found T_END at character 3`},
		{`local s = require "cjson.safe".new() return s.encode{1}, s.decode"[7]"[1], s.decode{}`, `[1]	7	nil	bad argument #1 to '?' (string expected, got table)`},
		{`local s = require "cjson.safe" return s.encode(setmetatable({}, {__len = function() error("x", 0) end}))`, `nil	x`},
		{`local s = require "cjson.safe" s.encode()`, `error: t:1: bad argument #1 to 'encode' (expected 1 argument)`},
		{`return j.encode_keep_buffer(false), j._NAME, type(j._VERSION), cjson`, `false	cjson	string	nil`},
	} {
		if got := eval(t, vm, `package.loaded.cjson, package.loaded["cjson.safe"] = nil, nil `+j+c[0]); got != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], got, c[1])
		}
	}
	for text, want := range map[string]string{
		"": "value but found T_END at character 1", "[1,2": "comma or array end but found T_END at character 5",
		"[1 2]": "comma or array end but found T_NUMBER at character 4", `{"a" 1}`: "colon but found T_NUMBER at character 6",
		`{"a":1 "b"}`: "comma or object end but found T_STRING at character 8", "{a:1}": "object key string but found invalid token at character 2",
		"[1,]": "value but found T_ARR_END at character 4", "nul": "value but found invalid token at character 1", `"abc`: "value but found unexpected end of string at character 5",
		`"a\x"`: "value but found invalid escape code at character 3", `"\u12"`: "value but found invalid unicode escape code at character 2",
		`"\ud800"`: "value but found invalid unicode escape code at character 2", `"\ud800\u0041"`: "value but found invalid unicode escape code at character 2",
		`"\udc00"`: "value but found invalid unicode escape code at character 2", "1 2": "the end but found T_NUMBER at character 3",
		"-": "value but found invalid number at character 1", ".5": "value but found invalid token at character 1", "1e": "the end but found invalid token at character 2",
		"[": "value but found T_END at character 2", "{": "object key string but found T_END at character 2", "[@]": "value but found invalid token at character 2",
		"i": "value but found invalid token at character 1", "-i": "value but found invalid number at character 1", "\xff": "value but found invalid token at character 1",
		"\v1": "value but found invalid token at character 1", "nullx": "the end but found invalid token at character 5", `{"a":1,}`: "object key string but found T_OBJ_END at character 8",
		"{,}": "object key string but found T_COMMA at character 2", "1-": "the end but found invalid number at character 2", "[1}": "comma or array end but found T_OBJ_END at character 3",
		":": "value but found T_COLON at character 1", "truefalse": "the end but found T_BOOLEAN at character 5", `["a\`: "value but found invalid escape code at character 4",
		`"\uD83D\"`: "value but found invalid unicode escape code at character 2", `{"a"`: "colon but found T_END at character 5", `{"a":`: "value but found T_END at character 6",
		"a\x00": "", "[\"a\x00\"]": "value but found unexpected end of string at character 4",
	} {
		if want != "" {
			want = "Expected " + want
		} else {
			want = "JSON parser does not support UTF-16 or UTF-32"
		}
		vm.SetField(vm.Globals(), "text", vm.NewStringS(text))
		if got := eval(t, vm, `return (select(2, pcall(require "cjson".new().decode, text)))`); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
	strict := `local d = require "cjson".new() d.decode_invalid_numbers(false) local t = {} for w in ("nan inf -inf 0x10 01 -01 +1 Infinity -0x1 00 0 0.5 -1"):gmatch("%S+") do t[#t + 1] = select(2, pcall(d.decode, w)) end return table.concat(t, ";")`
	token, num := "Expected value but found invalid token at character 1;", "Expected value but found invalid number at character 1;"
	if got, want := eval(t, vm, strict), token+token+strings.Repeat(num, 4)+token+token+num+num+"0;0.5;-1"; got != want {
		t.Errorf("strict numbers\n got %q\nwant %q", got, want)
	}
}

func TestCJSONIsBounded(t *testing.T) {
	vm := newVM(t, lua.Config{MemoryLimit: 16 << 20, InstrBudget: 20_000_000})
	for _, c := range [][2]string{
		{`local j = require "cjson" j.encode_sparse_array(false, 0) return j.encode{[1e9] = 1}`, "not enough memory"},
		{`local j = require "cjson" return j.encode(setmetatable({}, {__len = function() return 2^31 - 1 end, __index = function() return 1 end}))`, "budget exceeded"},
		{`local j = require "cjson" local s = ("\0"):rep(4e6) return j.encode{s, s, s}`, "not enough memory"},
		{`local j = require "cjson" return #j.decode("[" .. ("{},"):rep(2e6) .. "1]")`, "not enough memory"},
		{`local j = require "cjson" local s = "[" .. ("1,"):rep(1e6) .. "1]" for i = 1, 100 do j.decode(s) end`, "budget exceeded"},
	} {
		if got := eval(t, vm, c[0]); !strings.Contains(got, c[1]) {
			t.Errorf("%s\n got %.200q\nwant %q", c[0], got, c[1])
		}
	}
}

func FuzzCJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x\u00e9\ud83d\ude00",null,true,{}]}`, `[[[]],[{}]]`, `"\\`, `-0x1p-3`, `nan`, "[1\x00"} {
		f.Add(s)
	}
	vm := newVM(f, lua.Config{MemoryLimit: 32 << 20, InstrBudget: 50_000_000})
	const code = `
		local j = require "cjson.safe"
		j.encode_invalid_numbers(true) j.encode_number_precision(16)
		local v, err = j.decode(text)
		if v == nil then assert(type(err) == "string") return "refused" end
		local s = assert(j.encode(v))
		local again = assert(j.encode(assert(j.decode(s))))
		assert(#again == #s, s) -- the order of keys may be another
		return "ok"`
	f.Fuzz(func(t *testing.T, text string) {
		vm.SetField(vm.Globals(), "text", vm.NewStringS(text))
		if got := eval(t, vm, code); got != "ok" && got != "refused" {
			t.Errorf("%q: %s", text, got)
		}
	})
}
