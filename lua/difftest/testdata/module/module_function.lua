-- module(): environments, package.seeall, names with dots.
local print, getfenv, _G, package, setfenv, pcall, rawget = print, getfenv, _G, package, setfenv, pcall, rawget
do local function f() module("mymod", package.seeall) x = 1 function hello() return "hello " .. x end end f() end
print(_G.mymod.hello(), _G.mymod.x, rawget(_G, "x"), package.loaded.mymod == _G.mymod, _G.mymod._NAME, _G.mymod._PACKAGE,
  _G.mymod._M == _G.mymod)
do local function f() module("a.b.c") y = 2 end f() end
print(_G.a.b.c.y, _G.a.b.c._NAME, _G.a.b.c._PACKAGE) print(pcall(_G.module, "string.format.x"))
local m = {} local function g() setfenv(1, m) z = 3 end g() print(m.z)
