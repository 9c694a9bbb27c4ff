-- __index as a function: arguments, results, memoising.
local t = setmetatable({}, {__index = function(self, k) rawset(self, k, k * 2) return k * 2, "dropped" end})
print(t[5], rawget(t, 5), t[5], select("#", t[6]))
local seen
local u = setmetatable({}, {__index = function(self, k) seen = self return k end})
print(u.key == "key", seen == u, u[1.5], u[true], u[nil], u[u] == u)
local v = setmetatable({}, {__index = function() end})
print(v.x, select("#", v.x))
local deep = setmetatable({}, {__index = function(self, k) return function(_, ...) return k, ... end end})
print(deep:method(1, 2))
print(deep.field == deep.field)
