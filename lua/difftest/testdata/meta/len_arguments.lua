-- __len gets the value and, without 5.2 compatibility, nil.
local function count(...) print(select("#", ...), ...) return 42 end
local old = debug.getmetatable(0)
debug.setmetatable(0, { __len = count })
print(#1, #-0.5)
debug.setmetatable(0, old)
debug.setmetatable(true, { __len = count })
print(#true, #false)
debug.setmetatable(true, nil)
debug.setmetatable(nil, { __len = function(a, b) print(a, b) return "n", "m" end })
print(#nil)
debug.setmetatable(nil, nil)
local u = newproxy(true)
getmetatable(u).__len = function(a, b) return a == u, b end
print(#u)
