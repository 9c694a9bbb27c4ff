-- "attempt to compare".
local function try(f) print(select(2, pcall(f))) end
try(function() return 1 < "2" end) try(function() return "1" < 2 end) try(function() return nil < 1 end) try(function() return 1 < nil end) try(function() return {} < {} end) try(function() return {} < 1 end) try(function() return nil > nil end) try(function() return true < false end) try(function() return print < print end)
try(function() return 1 <= "x" end) try(function() return "x" >= 1 end) try(function() return {} <= {} end) try(function() return {} >= nil end) try(function() local a, b = 1 return a < b end) try(function() local a, b = 1 return a > b end) try(function() if x < 5 then end end) try(function() while nil <= 5 do end end) try(function() local t = {} return t.a < 3 end)
try(function() return coroutine.create(print) < 1 end) try(function() return newproxy() < newproxy() end) try(function() return not (1 < {}) end) try(function() return "a" < true end)
