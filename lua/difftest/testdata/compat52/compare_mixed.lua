-- Comparison of operands with different handlers or of different types.
local mt = {__lt = function() return true end, __le = function() return true end}
local a = setmetatable({}, mt)
local b = setmetatable({}, {__lt = function() return false end, __le = function() return false end})
print(pcall(function() return a < b end))
print(pcall(function() return b < a end))
print(pcall(function() return a < 1 end))
print(pcall(function() return 1 < a end))
print(pcall(function() return a <= "x" end))
print(pcall(function() return a < {} end))
print(pcall(function() return {} <= a end))
