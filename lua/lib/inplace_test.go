package lib

import (
	"testing"

	"moonring/lua"
)

// What is done in place must be what the builtin does: with pcall the builtin
// itself is called, by the same arguments.
func TestInPlace(t *testing.T) {
	vm := newVM(t, lua.Config{})
	src := `
	local values = {0, -0, 1, 2, 3, -1, -2, 5, 17, 1.5, 255, 256, 2^31, -2^31, 2^53, 0/0, 1/0, "", "#", "a", "Hello", "HELLO world", "10", "0x10", " 7 ", "x" .. ("Y"):rep(300),
		true, false, {}, {1}, {1, 2, 3}, {1, nil, 3}, {a = 1}, setmetatable({1, 2}, {__metatable = "locked"}), setmetatable({}, {__tostring = function() return "T" end}), print}
	local none = {}
	values[#values + 1] = none -- stands for nil
	local function arg(v) if v == none then return nil end return v end
	local function same(a, b) return a == b or a ~= a and b ~= b end
	local function fresh(v) -- a copy, as both calls may change a table
		if type(v) ~= "table" or getmetatable(v) then return v end
		local t = {}
		for k, x in next, v do t[k] = x end
		return t
	end
	local function text(v)
		if type(v) ~= "table" or getmetatable(v) == "locked" then return (type(v) == "number" and v == 0 and tostring(1 / v) or "") .. tostring(v) end
		local s = "{"
		for i = 1, 4 do s = s .. tostring(rawget(v, i)) .. "," end
		return s
	end
	local function pack(...) return {n = select("#", ...), ...} end
	local function check(name, f, direct)
		local function compare(...)
			local n = select("#", ...)
			local a, b = {}, {}
			for i = 1, n do local v = arg((select(i, ...))) a[i], b[i] = v, v end
			if name == "insert" then a[1], b[1] = fresh(a[1]), fresh(b[1]) end
			local want = pack(pcall(f, unpack(a, 1, n)))
			local got = pack(pcall(direct, n, unpack(b, 1, n)))
			local function say(why) error(name .. "(" .. table.concat({text(a[1]), text(a[2]), text(a[3])}, ", ", 1, n) .. "): " .. why) end
			if want[1] ~= got[1] then say(tostring(want[1] and got[2] or want[2])) end
			if want[1] then
				if want.n ~= got.n then say(want.n .. " results, not " .. got.n) end
				for i = 2, want.n do
					if text(want[i]) ~= text(got[i]) then say(text(want[i]) .. " is " .. text(got[i])) end
				end
				if name == "insert" and text(a[1]) ~= text(b[1]) then say("tables differ") end
			end
		end
		compare()
		for _, x in ipairs(values) do
			compare(x)
			for _, y in ipairs(values) do
				compare(x, y)
				if name == "sub" or name == "byte" or name == "char" or name == "select" then
					for i = 1, #values, 4 do compare(x, y, values[i]) end
				end
			end
		end
	end
	for name, f in pairs {tostring = tostring, tonumber = tonumber, assert = assert, rawequal = rawequal, rawget = rawget, next = next, pairs = pairs, ipairs = ipairs,
		getmetatable = getmetatable, select = select, unpack = unpack, insert = table.insert, char = string.char, sub = string.sub, byte = string.byte, lower = string.lower, upper = string.upper} do
		check(name, f, assert(loadstring([[local f = ...
			return function(n, a, b, c)
				if n == 0 then return f() elseif n == 1 then local x = {f(a)} return f(a) elseif n == 2 then return (function(...) return ... end)(f(a, b)) end
				return (function(...) return ... end)(f(a, b, c))
			end]]))(f))
		check(name, f, assert(loadstring([[local f = ...
			return function(n, ...) return (function(...) return ... end)(f(...)) end]]))(f))
	end
	-- Fixed numbers of results.
	local a, b, c, d = select(2, "x", "y", "z")
	assert(a == "y" and b == "z" and c == nil and d == nil)
	a, b, c, d = unpack({1, 2})
	assert(a == 1 and b == 2 and c == nil and d == nil)
	a, b, c = ("xyz"):byte(2, 3)
	assert(a == 121 and b == 122 and c == nil)
	a, b, c = next({5})
	assert(a == 1 and b == 5 and c == nil)
	local t = {}
	assert(setmetatable(t, {__index = {q = 1}}) == t and t.q == 1 and not pcall(setmetatable, setmetatable({}, {__metatable = 1}), {}))
	local ok = pcall(function() return setmetatable(setmetatable({}, {__metatable = 1}), {}) end)
	assert(not ok)
	`
	if err := run(t, vm, src); err != "" {
		t.Error(err)
	}
}
