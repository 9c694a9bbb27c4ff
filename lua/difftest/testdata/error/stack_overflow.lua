-- Runaway recursion is caught, repeatedly, also inside coroutines and metamethods.
local function inf(n) return 1 + inf(n + 1) end
for i = 1, 3 do local ok, e = pcall(inf, 1) print(ok, e:match("stack overflow")) end
local ok, e = pcall(inf, 1) print(e:match("stack overflow"))
local t = setmetatable({}, {__index = function(t, k) return t[k + 1] + 1 end})
ok, e = pcall(function() return t[1] end) print(ok, tostring(e):match("stack overflow"))
local function viapcall(n) local ok, e = pcall(viapcall, n + 1) if not ok then error(e, 0) end return ok end
ok, e = pcall(viapcall, 1) print(ok, tostring(e):match("stack overflow") or tostring(e):match("C stack overflow") or tostring(e))
local co = coroutine.create(function() return inf(1) end)
ok, e = coroutine.resume(co) print(ok, e:match("stack overflow"), coroutine.status(co))
local str = setmetatable({}, {__tostring = function(s) local r = tostring(s) return r .. "x" end})
ok, e = pcall(tostring, str) print(ok, tostring(e):match("stack overflow"))
print(pcall(function() local function f() return f() end return "tail calls do not overflow" end))
local function count() local d = 0 local function r() d = d + 1 r() d = d end pcall(r) return d end
print(count() > 5000, select("#", pcall(inf, 1)))
print((function(...) return select("#", ...) end)(unpack({}, 1, 7000)))
