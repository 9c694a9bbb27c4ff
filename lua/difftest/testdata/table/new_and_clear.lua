-- table.new and table.clear by require.
local new, clear = require "table.new", require "table.clear"
local t = new(10, 5)
print(type(t), #t, next(t))
for i = 1, 20 do t[i] = i end
t.x = 1
print(#t, t[20], t.x)
clear(t)
print(#t, next(t), t.x, t[1])
t[1] = "again" t.y = 2
print(#t, t[1], t.y)
print(pcall(function() new("x", 1) end))
print(pcall(function() clear(5) end))
print(type(new(0, 0)), pcall(function() return (new(1)) end))
local mt = {}
local u = setmetatable({1, 2}, mt)
clear(u)
print(getmetatable(u) == mt)
print(require "table.new" == new, package.loaded["table.new"] == new)
