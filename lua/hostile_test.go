package lua_test

type hostileScript struct{ name, src string }

// Scripts that put calls, errors, coroutines and waits inside one another. Each
// returns a text. The tests of this package run them with every memory limit,
// every budget and suspended at every call of probe, which returns its argument. Those that catch errors may
// then return something else, without error.
var hostile = []hostileScript{
	{"variable arguments", `
		local function count(...) return select("#", ...) end
		local function pass(...) return ... end
		local function fixed(a, b, ...) local t = {a, b, ...} return #t, count(...) end
		local t = {}
		for i = 1, 300 do t[i] = i end
		local function deep(n, ...) if n == 0 then return count(...) end return deep(n - 1, n, ...) end
		return table.concat({count(unpack(t)), count(pass(unpack(t))), #{pass(unpack(t))}, deep(40, unpack(t, 1, 50)),
			(fixed(unpack(t))), select(2, fixed(unpack(t)))}, " ") .. count(pcall(pass, unpack(t))) .. probe("!")`},
	{"closures over loop variables", `
		local fs, out = {}, {}
		for i = 1, 6 do local j = i * 2 fs[#fs + 1] = function(d) j = j + (d or 0) return i + j end end
		for k, v in pairs({10, 20}) do fs[#fs + 1] = function() k = k + 1 return k + v end end
		local function more(n) local x = probe(n) local function get() return x end if n > 0 then more(n - 1) end x = x + 1 return get end
		fs[#fs + 1] = more(5)
		for round = 1, 2 do for i, f in ipairs(fs) do out[#out + 1] = f(round) end end
		return table.concat(out, " ")`},
	{"metamethods that wait", `
		local mt = {}
		local function new(v) return setmetatable({v = v}, mt) end
		for _, op in ipairs{"add", "sub", "mul", "div", "mod", "pow", "concat"} do
			mt["__" .. op] = function(a, b)
				a, b = type(a) == "table" and a.v or a, type(b) == "table" and b.v or b
				return new(probe(op) .. "(" .. a .. "," .. b .. ")")
			end
		end
		mt.__unm = function(a) return new(probe("-") .. a.v) end
		mt.__index = function(t, k) return probe(k) .. "!" end
		mt.__newindex = function(t, k, v) rawset(t, k, probe(v)) end
		mt.__call = function(self, ...) return probe(select("#", ...)), ... end
		mt.__eq = function(a, b) return probe(a.v == b.v) end
		mt.__lt = function(a, b) return probe(#a.v < #b.v) end
		mt.__len = function() return probe(7) end
		local a, b = new("a"), new("b")
		a.field = "stored"
		local s = (a + b * 2 - -a / 3 % b ^ 2).v .. " " .. (1 .. a .. 2 .. b .. "x" .. a).v
		return s .. tostring(a == b) .. tostring(a < b) .. tostring(a <= b) .. a.missing .. a.field .. select(2, a(1, 2, 3))`},
	{"coroutines in coroutines", `
		local out = {}
		local function note(...) out[#out + 1] = table.concat({...}, ",") end
		local function producer(n)
			return coroutine.wrap(function()
				for i = 1, n do
					local inner = coroutine.wrap(function(...) note("in", ...) local x = coroutine.yield(probe(i) * 10) return x + 1 end)
					local v = inner(i, "x")
					coroutine.yield(v, inner(v))
				end
			end)
		end
		for a, b in producer(4) do note(a, b) end
		local co co = coroutine.create(function(a)
			note(coroutine.status(co), tostring(coroutine.resume(co)))
			local ok, err = pcall(function() local b = coroutine.yield(a) error({b}) end)
			note(tostring(ok), err[1], probe("p"))
			error("last")
		end)
		note(tostring(coroutine.resume(co, 1))) note(tostring(coroutine.resume(co, 2)))
		note(select(2, coroutine.resume(co))) note(coroutine.status(co))
		return table.concat(out, ";")`},
	{"protected calls everywhere", `
		local out = {}
		local function note(...) for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end end
		local function fail(how)
			if how == 1 then error("text") elseif how == 2 then error(nil) elseif how == 3 then local x = nil; return x.y
			elseif how == 4 then return #nil elseif how == 5 then return {} < {} elseif how == 6 then return ("x")() elseif how == 7 then error("lvl", 2) end
			return probe("fine")
		end
		for how = 1, 8 do
			note(pcall(fail, how))
			note(xpcall(function() local up = how return (function() note(up) return fail(how) end)() end, function(e) return "h:" .. tostring(probe(1) and e) end))
			note(pcall(pcall, pcall, fail, how))
			local co = coroutine.wrap(function() note(pcall(coroutine.yield, how)) return pcall(fail, how) end)
			note(co()) note(pcall(co, "r")) note((pcall(co)))
		end
		note(select("#", pcall(error)), pcall(xpcall), pcall(pcall))
		note(xpcall(error, function() error("again") end))
		return table.concat(out, " ")`},
	{"calls from builtins", `
		local t = {}
		for i = 1, 30 do t[i] = (i * 17) % 31 end
		table.sort(t, function(a, b) local x = {a, b} return x[1] > x[2] end)
		local s = string.gsub("hello world", "%w+", function(w) local ok, e = pcall(error, w .. "!") return e:upper() end)
		local made = load((function() local parts, i = {"return ", "1", " + ", "2"}, 0 return function() i = i + 1 return parts[i] end end)())
		local u = setmetatable({}, {__tostring = function() return "U" .. #{1, 2, 3} end, __index = function(_, k) return k .. k end})
		local e = {pcall(table.sort, {3, 1, 2}, function(a, b) error({"in sort"}) end)}
		local g = string.gsub("abc", "%w", setmetatable({b = "B"}, {__index = function(_, k) return k == "c" and "CC" or nil end}))
		local h = {pcall(string.gsub, "x", "x", function() return coroutine.yield() end)}
		return table.concat(t, ",") .. s .. made() .. tostring(u) .. string.format("%s", u) .. u.x .. e[2][1] .. g .. tostring(h[2]) .. probe("")`},
	{"a deep stack", `
		local function sum(n) if n == 0 then return probe(0) end return n + sum(n - 1) end
		local function vsum(n, ...) if n == 0 then return select("#", ...) end return (vsum(n - 1, n, ...)) end
		local function over(n) return 1 + over(n + 1) end
		local ok, err = pcall(over, 1)
		local co = coroutine.wrap(function() return sum(100), coroutine.yield(vsum(20)) end)
		local a = co()
		local b, c = co("c")
		return sum(150) .. " " .. tostring(ok) .. #tostring(err) .. a .. b .. c`},
	{"tables and strings", `
		local t = {n = 0}
		for i = 1, 200 do t["k" .. i % 50] = (t["k" .. i % 50] or "") .. i t[i] = {i} t.n = t.n + #t[i] end
		for i = 1, 200, 3 do t[i] = nil end
		local weak = setmetatable({}, {__mode = "kv"})
		for i = 1, 20 do weak[i] = {} weak[{}] = i end
		local n = 0
		for k, v in pairs(t) do n = n + 1 if type(k) == "string" then t[k] = nil end end
		local big = {} for i = 1, 20 do big[i] = ("%d:%s"):format(i, ("x"):rep(i)) end
		return n .. table.concat(big, "-", 1, 20):reverse():upper():sub(5, 80) .. probe(t.n or "nil")`},
	{"iterators", `
		local out = {}
		local function iter(n) return function(s, i) i = i + 1 if i <= s then return i, probe(i * i) end end, n, 0 end
		for i, v in iter(4) do out[#out + 1] = i .. "=" .. v end
		for w in string.gmatch("one two  three", "%a+") do out[#out + 1] = probe(w) end
		for k in setmetatable({}, {__call = function(_, _, k) k = (k or 0) + 1 if probe(k) < 4 then return k end end}) do out[#out + 1] = k end
		for i, v in ipairs{1, 2, nil, 4} do out[#out + 1] = v end
		for k, v in next, {5, 6} do out[#out + 1] = k + v end
		for i = 3, 1, -1 do for j = i, 2 do if j == 2 then break end out[#out + 1] = i * j end end
		return table.concat(out, " ")`},
	{"finalizers", `
		local seen = 0
		for i = 1, 10 do
			local p = newproxy(true)
			getmetatable(p).__gc = function(u) seen = seen + 1 local t = {} for k = 1, 10 do t[k] = {k} end if i % 3 == 0 then error("lost") end pcall(error, "x") end
		end
		collectgarbage() collectgarbage()
		local ok, err = pcall(function() local p = newproxy(true) getmetatable(p).__gc = function() coroutine.wrap(function() coroutine.yield(1) end)() end p = nil error({"kept", {}}) end)
		local n = 0
		local e = select(2, xpcall(function() error({"E"}) end, function(e) collectgarbage() n = n + 1 return e end))
		return tostring(seen >= 0) .. err[1] .. e[1] .. n .. probe("")`},
	{"environments and chunks", `
		local env = setmetatable({}, {__index = _G})
		local f = assert(loadstring("x = ... ; local y = x .. 'y' ; return function() z = y return x, z, probe(x) end"))
		setfenv(f, env)
		local g = f("v")
		local a, b, c = g()
		local bad = {loadstring("x = = 1")}
		local r = {pcall(assert(loadstring("local function f() error('in f') end return f()")))}
		return a .. b .. c .. env.z .. tostring(x) .. bad[2] .. r[2] .. tostring(getfenv(f) == env)`},
}
