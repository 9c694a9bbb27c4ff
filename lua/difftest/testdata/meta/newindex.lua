-- __newindex as function and table; only for absent keys.
local log = {}
local t = setmetatable({present = 1}, {__newindex = function(self, k, v) log[#log + 1] = k .. "=" .. tostring(v) end})
t.present = 2
t.absent = 3
t.absent = 4
t[1] = "one"
print(t.present, t.absent, t[1], table.concat(log, " "))
local store = {}
local u = setmetatable({}, {__newindex = store})
u.a = 1; u.b = 2
print(rawget(u, "a"), store.a, store.b)
local v = setmetatable({}, {__newindex = function(self, k, val) rawset(self, k, val and val * 10) end})
v.x = 5; v.x = 7; v.y = nil
print(v.x, v.y)
v.x = nil; v.x = 1
print(v.x)
local chain = setmetatable({}, {__newindex = setmetatable({}, {__newindex = function(_, k) print("deep", k) end})})
chain.z = 1
local readonly = setmetatable({}, {__newindex = function(_, k) error("read-only: " .. k, 2) end})
print(pcall(function() readonly.q = 1 end))
