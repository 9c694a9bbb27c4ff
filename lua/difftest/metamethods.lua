-- Every metamethod with every kind of operand in every place. The test adds calls of the functions at the end.
local names, calls = {}, {}
local function show(v)
	if v ~= nil and names[v] then return names[v] end
	if type(v) == "string" then return "'" .. v .. "'" end
	if type(v) == "number" or type(v) == "boolean" or v == nil then return tostring(v) end
	return type(v)
end
local function showAll(...)
	local t = {}
	for i = 1, select("#", ...) do t[i] = show((select(i, ...))) end
	return table.concat(t, ",")
end

local events = {"add", "sub", "mul", "div", "mod", "pow", "concat", "unm", "len", "eq", "lt", "le", "index", "newindex", "call"}
local function handlers(set, only, result)
	local mt = {}
	for _, event in ipairs(only or events) do
		mt["__" .. event] = function(...)
			calls[#calls + 1] = set .. "." .. event .. "(" .. showAll(...) .. ")"
			return result(event, ...)
		end
	end
	return mt
end
local function values(event) return "r", "second" end
local A, B = handlers("A", nil, values), handlers("B", nil, values)
local C = handlers("C", {"lt", "concat"}, function() return 0 end)
local F = handlers("F", nil, function() return nil end)
local N = {} for _, e in ipairs(events) do N["__" .. e] = 5 end       -- handlers that can't be called
local K = {} for _, e in ipairs(events) do K["__" .. e] = setmetatable({}, {__call = function(self, ...) calls[#calls + 1] = "K." .. e .. "(" .. showAll(...) .. ")" return e end}) end
local E = handlers("E", nil, function(event) error("in " .. event, 0) end)
local S = {__index = function(t, k) calls[#calls + 1] = "S.index(" .. showAll(t, k) .. ")" return k end, __eq = A.__eq, __lt = A.__lt}

local kinds, list = {}, {}
local function kind(name, v)
	list[#list + 1] = name
	kinds[name] = v
	if type(v) ~= "number" and type(v) ~= "string" and type(v) ~= "boolean" and v ~= nil then names[v] = name end
end
local function proxy(mt) local p = newproxy(true) local m = getmetatable(p) for k, v in pairs(mt) do m[k] = v end return p end
kind("nil") kind("true", true) kind("seven", 7) kind("half", -0.5) kind("nan", 0/0) kind("s10", "10") kind("hex", " 0x10 ") kind("abc", "abc")
kind("P", {}) kind("a1", setmetatable({}, A)) kind("a2", setmetatable({}, A)) kind("b1", setmetatable({}, B)) kind("c1", setmetatable({}, C))
kind("c2", setmetatable({}, C)) kind("f1", setmetatable({}, F)) kind("f2", setmetatable({}, F)) kind("n1", setmetatable({}, N)) kind("k1", setmetatable({}, K)) kind("k2", setmetatable({}, K))
kind("e1", setmetatable({}, E)) kind("s1", setmetatable({}, S)) kind("u1", proxy(A)) kind("u2", proxy(A)) kind("v1", proxy(B))
kind("fn", function() return "called" end) kind("co", coroutine.create(function() end))
local literals = {"nil", "true", "7", "-0.5", "70000", "0", "'10'", "'abc'", "1e300"}

local function try(f, ...)
	for i = #calls, 1, -1 do calls[i] = nil end
	local function finish(ok, ...)
		return table.concat(calls, " ") .. (ok and " = " or " ! ") .. showAll(...)
	end
	return finish(pcall(f, ...))
end
local function compile(src) return assert(loadstring(src, "=" .. src)) end

local places = {
	"local x, y = ... local r = x @ y return r",
	"local x, y = ... return x @ y",
	"local x, y = ... return (function() return x @ y end)()",
	"local t = {x = (...), y = select(2, ...)} return t.x @ t.y",
	"local t, i, j = {(...), (select(2, ...))}, 1, 2 return t[i] @ t[j]",
	"X, Y = ... local r = X @ Y return r",
	"local x, y = ... x = x @ y return x, y",
	"local x, y = ... y = x @ y return x, y",
	"local x, y = ... return select('#', x @ y, x @ y), {x @ y}, (x @ y)",
	"local x, y = ... if x @ y then return 'yes' end return 'no'",
	"local x, y = ... if not (x @ y) then return 'no' end return 'yes'",
	"local x, y = ... if x @ y then return 'yes' else return 'no' end",
	"local x, y = ... while x @ y do return 'yes' end return 'no'",
	"local x, y = ... local n = 0 repeat n = n + 1 until n == 3 or not (x @ y) return n",
	"local x, y = ... local r = x @ y and 1 or 2 return r",
	"local x, y = ... local r = not (x @ y) return r",
	"local x, y = ... local r = x @ y or y return r",
	"local x, y = ... local r = y and x @ y return r",
	"local x, y = ... return (x @ y) == (x @ y)",
	"local x, y = ... for i = 1, 2 do x = x @ y end return x",
	"local t = {} t[1], t.k = ... t[1] = t[1] @ t.k return t[1]",
	"local x, y = ... local function f() x = x @ y return x end return f()",
	"local x, y = ... return coroutine.wrap(function() return x @ y end)()",
}
local constPlaces = {
	"local x = ... return x @ $", "local x = ... return $ @ x", "local x = ... x = x @ $ return x", "local x = ... local r = $ @ x return r",
	"local x = ... if x @ $ then return 'yes' end return 'no'", "local x = ... if not (x @ $) then return 'no' end return 'yes'",
	"local x = ... if $ @ x then return 'yes' end return 'no'", "local x = ... if not ($ @ x) then return 'no' end return 'yes'",
	"local x = ... while x @ $ do return 'yes' end return 'no'", "local x = ... return (function() return x @ $ end)()",
	"local t = {(...)} return t[1] @ $, $ @ t[1]", "local x = ... local r = x @ $ and 'yes' or 'no' return r",
}
local function pairsOf(f, what)
	for _, a in ipairs(list) do
		for _, b in ipairs(list) do
			print(what, a, b, try(f, kinds[a], kinds[b]))
		end
	end
end
function binary(op, first, last)
	for i = first, math.min(last, #places) do pairsOf(compile((places[i]:gsub("@", op))), i) end
end
function constants(op)
	for i, place in ipairs(constPlaces) do
		for _, lit in ipairs(literals) do
			local f = compile((place:gsub("@", op):gsub("%$", lit)))
			for _, a in ipairs(list) do print(i, lit, a, try(f, kinds[a])) end
		end
	end
end
function unary()
	for _, op in ipairs{"-", "#", "not "} do
		for i, place in ipairs{"local x = ... return @x", "local x = ... local r = @x return r", "local x = ... x = @x return x", "local x = ... if @x then return 'yes' end return 'no'",
			"local x = ... if not @x then return 'no' end return 'yes'", "local x = ... return (function() return @x end)()", "local t = {k = (...)} return @t.k, @ @t.k", "X = ... return @X",
			"local x = ... return @x .. 'k'", "local x = ... return -@x", "local x = ... for i = 1, 2 do x = @x end return x"} do
			local f = compile((place:gsub("@", op)))
			for _, a in ipairs(list) do print(op, i, a, try(f, kinds[a])) end
		end
	end
end
function indexing()
	local key = {"k", 1, 0, -1, 1.5, 2^40, true, "P", "a1", 0/0}
	for i, place in ipairs{"local t, k = ... return t[k]", "local t, k = ... local r = t[k] return r", "local t = ... return t.k", "local t = ... return t[1], t[0]", "local t = ... return t:k(1, 2)",
		"local t = ... return t.k.k", "local t, k = ... return (function() return t[k], t.k end)()", "local t = ... if t.k then return 'yes' end return 'no'", "local t = ... return t.k == 'k', t.k == nil, t.k ~= 'r'",
		"T = ... return T.k", "local t = ... local a, b = t.k, t[1] return a, b", "local t = ... return t.k + 1", "local t = ... t.k = t.k return rawequal(t, t)", "local t, k = ... return t[k] and t[k]", "local t = ... return t[true], t[1.5], t['k' .. 1]",
		"local t, k = ... t[k] = 'v' return 'set'", "local t = ... t.k = 'v' return 'set'", "local t = ... t[1], t[0] = 'v', 'w' return 'set'", "local t, k = ... (function() t[k] = nil t.k = nil end)() return 'set'",
		"local t = ... t.k, t.k = 1, 2 return 'set'", "local t = ... t.k.k = 1 return 'set'", "local t = ... function t.k() end function t:m() end return 'set'", "local t, k = ... t[k] = t return 'set'", "local t = ... t[true] = 1 t[1.5] = 2 return 'set'",
		"local t = ... for i = 1, 2 do t.k = i end return 'set'", "local e = setmetatable({}, {__index = (...), __newindex = (...)}) local f = setfenv(function() local r = k k = 1 return r, k end, e) return f()"} do
		local f = compile(place)
		for _, a in ipairs(list) do
			for _, k in ipairs(place:find("k = ...", 1, true) and key or {"k"}) do
				print(i, a, show(kinds[k] or k), try(f, kinds[a], kinds[k] or k))
				local v = kinds[a]
				if type(v) == "table" then for k in pairs(v) do rawset(v, k, nil) end end
			end
		end
	end
	-- Chains of tables and functions.
	for depth = 1, 104 do
		if depth < 6 or depth > 96 then
			for _, last in ipairs{"a1", "P", "fn", "seven", "abc", "e1", "k1", "u1"} do
				local t = kinds[last]
				for i = 1, depth do t = setmetatable({}, {__index = t, __newindex = t}) end
				print("chain", depth, last, try(function() return t.k end), try(function() t.k = 1 end), try(function() return t[1] end), try(function() t[1] = 1 end), try(function() return t:k() end))
				rawset(kinds.P, "k", nil) rawset(kinds.P, 1, nil)
			end
		end
	end
	local loop = {} setmetatable(loop, {__index = loop, __newindex = loop})
	print("loop", try(function() return loop.k end), try(function() loop.k = 1 end), try(function() return loop[1] end), try(function() return loop:k() end))
end
function calling()
	for i, place in ipairs{"local f = ... return f(1, 2)", "local f = ... local r = f() return r", "local f = ... f(1) return 'done'", "local f = ... return (f(1))", "local f = ... return f(f, nil)", "local f = ... return {f(1)}, select('#', f(1, 2, 3))",
		"local t = {k = (...)} return t.k(1)", "local t = {k = (...)} return t:k(1)", "local f = ... return pcall(f, 1)", "local f = ... return xpcall(f, function(e) return 'h' .. tostring(e) end, 1)", "local f = ... return coroutine.wrap(f)(1)",
		"local f = ... local n = 0 for a, b in f, 's', 'c' do n = n + 1 if n == 2 then break end end return n", "F = ... return F(1)", "local f = ... return (function() return f(1) end)()", "local f = ... return ('abc'):gsub('b', f)",
		"local f = ... return table.concat({tostring((f(select('#', f(1, nil)))))})", "local f = ... return f(f(1))", "local f = ... if f(1) then return 'yes' end return 'no'", "local f = ... return f'text'", "local f = ... local g = setmetatable({}, {__call = f}) return g(1)",
		"local f = ... local g = setmetatable({}, {__call = setmetatable({}, {__call = f})}) return g(1)", "local f = ... return unpack({f(1)})", "local f = ... return f(unpack({1, nil, 3}, 1, 3))", "local f = ... local function v(...) return f(...) end return v(1, nil)"} do
		local f = compile(place)
		for _, a in ipairs(list) do print(i, a, try(f, kinds[a])) end
	end
end
function concats()
	local four = {"seven", "abc", "a1", "b1", "c1", "f1", "P", "u1", "e1"}
	local f, g = compile("local a, b, c, d = ... return a .. b .. c .. d"), compile("local a, b, c, d = ... local r = 'k' .. a .. 1 .. b .. 'z' .. c .. d .. 2 return r")
	for _, a in ipairs(four) do for _, b in ipairs(four) do for _, c in ipairs(four) do for _, d in ipairs{"abc", "a1", "c1"} do
		print(a, b, c, d, try(f, kinds[a], kinds[b], kinds[c], kinds[d]))
		if a ~= "P" then print(a, b, c, d, try(g, kinds[a], kinds[b], kinds[c], kinds[d])) end
	end end end end
end
function others()
	local t = setmetatable({1, 2}, {__pairs = function() return "pairs" end, __ipairs = function() return "ipairs" end, __tostring = function(...) return "text" .. select("#", ...) end, __metatable = "locked", __len = function() return 42 end, __name = "Name"})
	print(try(pairs, t), try(ipairs, t), try(tostring, t), try(getmetatable, t), try(setmetatable, t, {}), #t, try(rawequal, t, t))
	for _, r in ipairs{"nil", "seven", "abc", "P", "true"} do
		local o = setmetatable({}, {__tostring = function() return kinds[r] end})
		print(r, try(tostring, o), try(print, o), r ~= "P" and try(string.format, "%s", o), try(error, o), try(table.concat, {o}))
	end
	for _, a in ipairs(list) do
		print(a, try(math.max, kinds[a], 1), try(table.concat, {kinds[a], "x"}), try(string.rep, kinds[a], 2), try(next, kinds[a]), try(rawget, kinds[a], "k"), try(rawset, kinds[a], "k", nil), try(unpack, kinds[a]), try(select, kinds[a], 1),
			try(setmetatable, {}, kinds[a]), try(tonumber, kinds[a]), try(table.sort, {kinds[a], kinds[a]}), try(string.format, "%d", kinds[a]), try(ipairs, kinds[a]), try(getfenv, kinds[a]), try(assert, kinds[a], "m"))
		for _, b in ipairs{"a1", "c1", "seven", "abc", "P"} do
			print(a, b, try(table.sort, {kinds[a], kinds[b]}), try(math.min, kinds[a], kinds[b]), try(rawequal, kinds[a], kinds[b]))
			local f = compile("local a, b, c = ... local n = 0 for i = a, b, c do n = n + 1 if n > 3 then break end end return n")
			print(a, b, try(f, kinds[a], kinds[b], 1), try(f, kinds[b], 9, kinds[a]), try(f, 1, kinds[a], kinds[b]))
		end
	end
	-- Metatables of basic types.
	local f = compile("local x, y = ... return x == y, x ~= y, pcall(function() return x < y end), pcall(function() return x + y end), pcall(function() return x .. y end), pcall(function() return #x end), pcall(function() return x.k end), pcall(function() return x(1) end), pcall(function() return -x end), pcall(function() x.k = 1 end)")
	for _, v in ipairs{7, true, print} do
		debug.setmetatable(v, A)
		print(type(v), try(f, v, v), try(f, v, 7), try(f, v, "abc"), try(f, v, kinds.b1), try(f, v, nil))
		debug.setmetatable(v, nil)
	end
	debug.setmetatable(nil, A) print("nil", try(f, nil, nil), try(f, nil, 7)) debug.setmetatable(nil, nil)
end
