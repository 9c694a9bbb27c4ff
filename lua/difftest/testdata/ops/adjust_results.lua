-- Adjustment of call results in lists, parentheses and constructors.
local function f(...) return ... end
print(f(1, 2, 3), f(4, 5, 6))
print((f(1, 2, 3)))
print(f(), "x")
print((f()))
local t = {f(1, 2), f(3, 4)}
print(#t, t[1], t[2], t[3])
t = {f(1, 2), (f(3, 4))}
print(#t)
t = {f(1, 2, 3), n = f(7, 8)}
print(#t, t.n)
print(#{f()}, #{f(nil)}, select("#", f(nil, nil)), select("#", (f())))
local function g() return f(1, 2) end
local function h() return (f(1, 2)) end
print(g()) print(h())
print(type(f(nil)), pcall(type))
