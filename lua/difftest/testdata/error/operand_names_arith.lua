-- "attempt to perform arithmetic": operands and their names.
local function try(f) print(select(2, pcall(f))) end
local up, str = nil, "s"
try(function() local a return a + 1 end) try(function() local a return 1 + a end) try(function() return up * 2 end) try(function() return glob - 1 end) try(function() local t = {} return t.x / 2 end) try(function() local t = {} return 2 ^ t.x end)
try(function() return -up end) try(function() local a = {} return -a end) try(function() local a, b = 1, {} return a % b end) try(function() local a, b = {}, {} return a + b end) try(function() return nil + 1 end) try(function() return 1 + nil end) try(function() return "abc" + 1 end)
try(function() return str + 1 end) try(function() local t = {} t.n = t.n + 1 end) try(function() count = count + 1 end) try(function() local a = "x" return a * 2 end) try(function() return true + 1 end) try(function() return print + 1 end) try(function() return {} - {} end)
try(function() local t = {{}} return t[1] + 1 end) try(function() local a = 1 return a + "z" end) try(function() local a return a + a end) try(function() local x = 5 return x - up end) try(function() return (function() end)() + 1 end) try(function() local t = {} return t[1] + 1, 2 end)
