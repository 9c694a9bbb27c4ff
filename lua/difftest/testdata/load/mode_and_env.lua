-- load with mode and environment.
print(load("return x", "=n", "t", {x = "from env"})()) print(load("return x", "=n", "b"))
print(load("return 1", "=n", "bt")())
print(load("y = 5 return y", "=n", "t", setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}))())
print(y)
local env = {}
local f = load("a = 1; function b() return a end", "=n", "t", env)
f()
print(env.a, env.b(), a) print(getfenv(f) == env) print(load("return 1", "=n", "x"))
print(loadstring("return x", "=n", "t", {x = 1}) ~= nil)
print(load("return _G", "=n", "t", {})()) print(pcall(load("return print", "=n", nil, {print = "mine"})))
