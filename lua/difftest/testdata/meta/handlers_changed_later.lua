-- Handlers that are added, replaced and removed after use: caches must notice.
local mt = {}
local t = setmetatable({}, mt)
local function get() return t.x end
for i = 1, 3 do assert(get() == nil) end
mt.__index = {x = 1}
print(get())
mt.__index = function() return 2 end
print(get())
mt.__index = nil
print(get())
rawset(t, "x", 3)
print(get())
mt.__add = nil
print(pcall(function() return t + 1 end))
mt.__add = function() return "added" end
print(t + 1)
mt.__newindex = function(_, k) print("new", k) end
t.y = 1
mt.__newindex = nil
t.y = 2
print(t.y)
mt.__call = function() return "called" end
print(t())
mt.__call = nil
print(pcall(t))
mt.__eq = function() return true end
print(t == setmetatable({}, mt))
mt.__eq = nil
print(t == setmetatable({}, mt))
