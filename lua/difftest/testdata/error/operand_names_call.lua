-- "attempt to call": what the callee is called.
local function try(f) print(select(2, pcall(f))) end
local up = 5
try(function() local a a() end) try(function() up() end) try(function() glob() end) try(function() local t = {} t.x() end) try(function() local t = {} t:m() end)
try(function() local t = {} t.a.b() end) try(function() local t = {a = {}} t.a.b() end) try(function() local t = {a = {}} t.a:b() end) try(function() local t = {} t[1]() end) try(function() ("x")() end) try(function() (1)() end)
try(function() ({})() end) try(function() local a = "s" a() end) try(function() string.nothing() end) try(function() ("x"):nothing() end) try(function() local f = function() end f()() end) try(function() return glob2() end) try(function() local a return a() end)
try(function() local t = {} return t:m() end) try(function() (function() end)()() end) try(function() local k, t = "k", {} t[k]() end) try(function() math.foo(1) end) try(function() for i = 1, 2 do nofn(i) end end) try(function() true_() end)
