-- _G, undefined globals, strict mode by metatable.
print(_G._G == _G, _G.print == print, undefined_name, _G["undefined_name"], rawget(_G, "x"))
newglobal = 5 print(_G.newglobal) _G.other = 6 print(other) newglobal = nil print(rawget(_G, "newglobal"))
setmetatable(_G, {__index = function(_, k) error("undefined " .. k, 2) end, __newindex = function(t, k, v) rawset(t, k, v == nil and "nil!" or v) end})
print(pcall(function() return nothere end)) defined = 1 print(defined)
print(pcall(function() nothere() end))
setmetatable(_G, nil) print(nothere)
print(_VERSION, type(_G), type(jit), type(arg))
local _ENV = {print = print} print(type(_ENV))
