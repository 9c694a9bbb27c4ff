-- newproxy: userdata with and without metatables.
local p = newproxy() print(type(p), getmetatable(p))
local q = newproxy(true) print(type(q), type(getmetatable(q)))
getmetatable(q).__index = function(_, k) return "proxy " .. k end
getmetatable(q).__len = function() return 99 end
getmetatable(q).__tostring = function() return "Q" end
print(q.field, #q, tostring(q))
local r = newproxy(q) print(getmetatable(r) == getmetatable(q), r == q, r.x)
print(pcall(function() return p.x end)) print(pcall(function() return #p end)) print(pcall(newproxy, 5)) print(newproxy(false) ~= nil)
