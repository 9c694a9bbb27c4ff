-- Missing parameters are nil, extra arguments vanish.
local function f(a, b, c) return a, b, c end
print(f()) print(f(1)) print(f(1, 2, 3, 4))
print(f(f(1, 2))) print(f(f(1, 2), 3)) print(f((f(1, 2)), 3))
local function g(a, ...) return a, select("#", ...) end
print(g()) print(g(1)) print(g(1, 2, 3))
local function swap(a, b) a, b = b, a return a, b end
print(swap(1), swap(1, 2))
