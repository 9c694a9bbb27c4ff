-- "attempt to get length".
local function try(f) print(select(2, pcall(f))) end
local up
try(function() local a return #a end)
try(function() return #up end)
try(function() return #glob end)
try(function() local t = {} return #t.x end)
try(function() return #5 end)
try(function() return #nil end)
try(function() return #print end)
try(function() local a = true return #a end)
try(function() return #(1 + 1) end)
try(function() local t = {} return #t[1] end)
try(function() for i = 1, #nothing do end end)
