-- A chain of __index that never ends.
local t = {}
setmetatable(t, {__index = t})
print(pcall(function() return t.x end))
local a, b = {}, {}
setmetatable(a, {__index = b}) setmetatable(b, {__index = a})
print(pcall(function() return a.x end))
setmetatable(a, {__newindex = b}) setmetatable(b, {__newindex = a})
print(pcall(function() a.x = 1 end))
local first = {x = "end"}
for i = 1, 90 do first = setmetatable({}, {__index = first}) end
print(first.x)
for i = 1, 20 do first = setmetatable({}, {__index = first}) end
print(pcall(function() return first.x end))
