-- "attempt to index": what the operand is called.
local function try(f) print(select(2, pcall(f))) end
local up
try(function() local a; return a.b end) try(function() return up.b end) try(function() return glob.b end) try(function() local t = {} return t.x.y end)
try(function() local t = {} t.x.y = 1 end) try(function() local a = 5 a.b = 1 end) try(function() local t = {} return t[1].y end) try(function() local t, k = {}, "key" return t[k].y end)
try(function() return (nil).x end) try(function() return ("x").y.z end) try(function() local t = {a = {}} return t.a.b.c end) try(function() up.x = 1 end) try(function() glob.x.y = 1 end)
try(function() local f = function() end return f().x end) try(function() local a = true return a.x end) try(function() return print.x end) try(function() return (1).x end) try(function(...) return (...).x end)
try(function() local s = "str" s.x = 1 end) try(function() local a; a[1] = 2 end) try(function() local a; local b = a[nil] end) try(function() return up[1][2] end)
try(function() local t = {} local x = t.a["b c"] end) try(function() local self = {} return self.conn.socket end) try(function() local a; return #a.b end)
