-- and/or return operands; short-circuit evaluation.
local log = {}
local function f(v, name) log[#log + 1] = name; return v end
print(f(1, "a") and f(nil, "b") or f(3, "c"))
print(f(false, "d") or f(nil, "e"))
print(f(nil, "f") and f(1, "g"))
print(table.concat(log, " "))
local x = nil
local y = x and x.field
print(y, x == nil and "default", not not "", not 0, not nil)
local a, b, c = nil, false, 0
print(a or b or c, a and b and c, (a or c) and b)
local t = {}
t.v = t.v or {}
t.v.n = (t.v.n or 0) + 1
print(t.v.n)
