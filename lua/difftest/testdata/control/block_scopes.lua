-- Shadowing and the extent of locals.
local x = 1
do local x = 2 do local x = x + 1 print(x) end print(x) end
print(x)
local x = x + 10
print(x)
local function f(x) local x = x or "default" return x end
print(f(), f(5))
for x = 1, 1 do local x = "inner" print(x) end
print(x)
local a, a = 1, 2
print(a)
local function g(a, a) return a end
print(g(1, 2))
local h = function() return h end
print(h())
local function k() return k end
print(k() == k)
