-- Functions in tables, as arguments, immediately called.
local ops = {["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end}
print(ops["+"](1, 2), ops["-"](1, 2))
local function map(t, f) local r = {} for i, v in ipairs(t) do r[i] = f(v, i) end return r end
local function filter(t, f) local r = {} for _, v in ipairs(t) do if f(v) then r[#r + 1] = v end end return r end
local function reduce(t, f, a) for _, v in ipairs(t) do a = f(a, v) end return a end
local nums = {1, 2, 3, 4, 5, 6}
print(table.concat(map(nums, function(v, i) return v * i end), ","))
print(table.concat(filter(nums, function(v) return v % 2 == 0 end), ","))
print(reduce(nums, ops["+"], 0), reduce(map(filter(nums, function(v) return v > 3 end), math.sqrt), math.max, 0))
print((function(x) return x * 2 end)(21), (function(...) return select("#", ...) end)(1, 2))
print(type(function() end), (function() end)(), #{(function() end)()})
local t = {f = {g = {h = function(self, x) return self == nil, x end}}}
print(t.f.g.h(nil, 1))
function t.f.g.k(...) return ... end
function t.f.g:m(...) return self == t.f.g, ... end
print(t.f.g.k(1, 2), t.f.g:m(3))
