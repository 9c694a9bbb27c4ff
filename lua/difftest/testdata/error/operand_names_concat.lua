-- "attempt to concatenate": operands and their names.
local function try(f) print(select(2, pcall(f))) end
local up
try(function() local a return a .. "x" end) try(function() local a return "x" .. a end) try(function() return "x" .. up end) try(function() return up .. "x" end) try(function() return "x" .. glob end) try(function() local t = {} return "x" .. t.f end) try(function() local t = {} return t.f .. "x" end)
try(function() return "x" .. {} end) try(function() return {} .. "x" end) try(function() return "x" .. true end) try(function() return "a" .. "b" .. nil end) try(function() local a return "p" .. a .. "q" end) try(function() return nil .. nil end) try(function() return 1 .. print end) try(function() local a = "x" a = a .. up end)
try(function() local a, b = "x" return a .. b .. "z" end) try(function() local t = {} return "v=" .. t.a.b end) try(function() return "x" .. (function() end)() end) try(function() local t = {} return "n" .. t[1] end)
