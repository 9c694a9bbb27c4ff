-- Environments of functions.
print(getfenv() == _G, getfenv(1) == _G, getfenv(0) == _G, getfenv(print) == _G)
local function f() return x, type(print) end
local env = setmetatable({x = "in env"}, {__index = _G})
print(setfenv(f, env) == f, f()) print(getfenv(f) == env)
x = "global" print((f()))
local function g() setfenv(1, {print = print, y = "local env"}) print(y, x) y = "changed" return y end
print(g()) print(y)
local function h() y = "written" end
local e2 = {} setfenv(h, e2) h() print(e2.y, y)
local function outer() local function inner() return z end return inner end
setfenv(outer, {z = "inherited"}) print(outer()())
local function lvl() setfenv(2, {print = print, tostring = tostring, w = "by level"}) end
local function user() lvl() print(w) end user()
print(pcall(setfenv, print, {})) print(pcall(getfenv, -1)) print(pcall(getfenv, 100))
print(pcall(setfenv, 1)) print(pcall(setfenv, f, nil)) print(pcall(setfenv, 50, {}))
print(pcall(getfenv, "x"))
