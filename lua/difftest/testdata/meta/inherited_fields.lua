-- Fields found through __index: classes, strings, functions in the chain, builtins as metamethods, chains that are too long or loop.
local Base = {} Base.__index = Base
function Base:name() return "base " .. self.n end
Base.shared = 1
local Derived = setmetatable({}, Base) Derived.__index = Derived
function Derived:kind() return "derived" end
local o = setmetatable({n = 5}, Derived)
for _ = 1, 3 do print(o:name(), o:kind(), o.shared, o.missing) end
Derived.shared = 2 print(o.shared)
o.shared = 3 print(o.shared, Derived.shared)
o.shared = nil print(o.shared)
Base.missing = false print(o.missing)
-- The metatable changes while the instruction stays.
local function get(t) return t.field end
local m1, m2 = {__index = {field = "one"}}, {__index = {field = "two"}}
local t = setmetatable({}, m1) print(get(t))
setmetatable(t, m2) print(get(t))
m2.__index = function(_, k) return "computed " .. k end print(get(t))
m2.__index = nil print(get(t))
setmetatable(t, nil) print(get(t))
-- Strings.
local s = "abc"
print(s:upper(), s.len == string.len, s.nothing, ("x").rep == string.rep)
getmetatable("").__index = function(str, k) return k .. " of " .. str end
print(s.size)
getmetatable("").__index = string
print(s:len())
string.field = "found" print(s.field) string.field = nil
-- Builtins as metamethods: their results, errors and names.
local b = setmetatable({}, {__index = rawlen or string.rep})
print(pcall(function() return b.x end))
local r = setmetatable({x = 1}, {__index = rawget})
print(r.x, r.y)
local tn = setmetatable({}, {__index = type, __newindex = rawset, __call = select, __concat = rawequal, __add = rawequal})
print(tn.a, tn .. 1, 1 .. tn, tn + tn)
tn.a = 5 print(tn.a)
local nothing = setmetatable({}, {__index = function() end})
print(nothing.x, (nothing.y))
local e = setmetatable({}, {__index = error, __newindex = error})
print(pcall(function() return e.x end) == false)
print(select(2, pcall(function() e.x = 1 end)) == e)
-- pcall, coroutine.yield and coroutine.resume behind an index.
local p = setmetatable({}, {__index = pcall})
print(p.x)
local y = setmetatable({}, {__index = coroutine.yield})
local co = coroutine.wrap(function() return "got " .. tostring(y.key) end)
print(select(2, co()), co("back"))
-- Chains.
local chain = {deep = "end"}
for _ = 1, 90 do chain = setmetatable({}, {__index = chain}) end
print(chain.deep, chain.none)
for _ = 1, 20 do chain = setmetatable({}, {__index = chain}) end
print(pcall(function() return chain.deep end))
print(pcall(function() return chain.none end))
local a, c = {}, {} setmetatable(a, {__index = c}) setmetatable(c, {__index = a})
print(pcall(function() return a.x end))
local self = {} setmetatable(self, {__index = self})
print(pcall(function() return self.x end))
print(pcall(function() return self:x() end))
-- Ends in what can't be indexed.
local n = setmetatable({}, {__index = 5})
print(pcall(function() return n.x end))
local st = setmetatable({}, {__index = "str"})
print(st.len == string.len, st.none)
print(pcall(function() local u return u.x end), pcall(function() local u = 1 return u:x() end))
-- Tables that grow field by field.
local g = {}
for i, k in ipairs {"a", "b", "c", "d", "e", "f", "g", "h", "i"} do g[k] = i if i % 3 == 0 then g[i] = k end end
g.one = 1 g.two = nil g.a = nil g.three = 3
local sum, keys = 0, 0
for k, v in pairs(g) do keys = keys + 1 if type(v) == "number" then sum = sum + v end end
print(sum, keys, g[3], g[6], g[9])
