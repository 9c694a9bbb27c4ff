-- LINQ-like queries over lists with lazy iterators.
local Q = {} Q.__index = Q
local function from(t) return setmetatable({iter = function() local i = 0 return function() i = i + 1 return t[i] end end}, Q) end
local function chain(self, make) return setmetatable({iter = function() return make(self.iter()) end}, Q) end
function Q:where(p)
  return chain(self, function(it) return function() while true do local v = it() if v == nil or p(v) then return v end end end end)
end
function Q:select(f) return chain(self, function(it) return function() local v = it() if v ~= nil then return f(v) end end end) end
function Q:take(n) return chain(self, function(it) local i = 0 return function() i = i + 1 if i <= n then return it() end end end) end
function Q:skip(n) return chain(self, function(it) for _ = 1, n do it() end return it end) end
function Q:list() local r = {} for v in self.iter() do r[#r + 1] = v end return r end
function Q:reduce(f, a) for v in self.iter() do a = f(a, v) end return a end
function Q:group(k)
  local g, order = {}, {}
  for v in self.iter() do local key = k(v) if not g[key] then g[key] = {} order[#order + 1] = key end table.insert(g[key], v) end
  return from((function() local r = {} for i, key in ipairs(order) do r[i] = {key = key, items = g[key]} end return r end)())
end
function Q:order(k, desc)
  local l = self:list() table.sort(l, function(a, b) if desc then a, b = b, a end return k(a) < k(b) end) return from(l)
end
local people = {{n = "Ann", age = 31, city = "Oslo"}, {n = "Bob", age = 25, city = "Rome"}, {n = "Cid", age = 47, city = "Oslo"},
  {n = "Dee", age = 19, city = "Kyiv"}, {n = "Eve", age = 38, city = "Rome"}}
local function name(p) return p.n end
print(table.concat(from(people):where(function(p)
  return p.age > 24
end):order(function(p)
  return p.age
end, true):select(name):list(), " "))
for g in from(people):group(function(p)
  return p.city
end):order(function(g)
  return g.key
end).iter() do
  print(g.key, #g.items, from(g.items):reduce(function(a, p)
    return a + p.age
  end, 0) / #g.items, table.concat(from(g.items):select(name):list(), ","))
end
print(table.concat(from(people):skip(1):take(3):select(name):list(), " "), #from({}):list(), from({1, 2, 3, 4}):where(function(x)
  return x % 2 == 0
end):reduce(function(a, b)
  return a * b
end, 1))
local evaluated = 0
local lazy = from(people):select(function(p) evaluated = evaluated + 1 return p.n end):take(2)
print(evaluated, table.concat(lazy:list(), " "), evaluated)
