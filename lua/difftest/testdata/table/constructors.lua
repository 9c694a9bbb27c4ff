-- Table constructors: positions, keys, separators, trailing values.
local t = {1, 2, 3, [10] = "ten", x = "ex", ["y z"] = "sp"; 4, nil, 6}
print(#t >= 4, t[1], t[4], t[5], t[6], t[10], t.x, t["y z"])
local u = {[1] = "explicit", "positional"}
print(u[1], #u)
local k = "key"
local v = {[k] = 1, k = 2, [k .. 2] = 3, [1 + 1] = 4, [true] = 5}
print(v.key, v.k, v.key2, v[2], v[true])
local nested = {{1, 2}, {a = {b = {c = "deep"}}}}
print(nested[1][2], nested[2].a.b.c, #nested)
print(#{1, 2, 3,}, #{1; 2; 3;}, #{n = 1, 5}, next({}) == nil)
print(pcall(function() return {[nil] = 1} end))
print(pcall(function() return {[0 / 0] = 1} end))
local f = {function() return 1 end, g = function() return 2 end}
print(f[1](), f.g())
local order = {}
local function o(n) order[#order + 1] = n return n end
local _ = {o(1), [o("k")] = o(2), o(3), x = o(4)}
print(table.concat(order, " "))
