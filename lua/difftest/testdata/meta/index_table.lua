-- __index as a table, in chains.
local a = {x = "ax"}
local b = setmetatable({y = "by"}, {__index = a})
local c = setmetatable({z = "cz"}, {__index = b})
print(c.x, c.y, c.z, c.w)
a.w = "late"
print(c.w, rawget(c, "w"))
c.x = "own"
print(c.x, a.x)
c.x = nil
print(c.x)
local d = setmetatable({}, {__index = setmetatable({}, {__index = function(_, k) return k .. "!" end})})
print(d.hello, d[1])
local s = setmetatable({}, {__index = string})
print(s.format("%d", 3), s.len("abc"))
print(setmetatable({}, {__index = {[1] = "one"}})[1], setmetatable({}, {__index = {[1] = "one"}})[2])
