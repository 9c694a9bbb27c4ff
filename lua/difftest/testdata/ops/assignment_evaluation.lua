-- Prefix expressions of targets are evaluated before any assignment happens.
local t = {v = 1}
local u = t
t, t.v = {v = 5}, 9
print(u.v, t.v)
local log = {}
local function k(n) log[#log + 1] = n; return n end
local r = {}
r[k "a"], r[k "b"] = k "c", k "d"
print(r.a, r.b)
table.sort(log)
print(table.concat(log))
local a = {1, 2}
local i = 1
i, a[i] = 2, "first"
print(i, a[1], a[2])
