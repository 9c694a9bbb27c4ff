-- Weak values vanish after a collection unless referenced elsewhere.
local t = setmetatable({}, {__mode = "v"}) local keep = {} t[1] = keep t[2] = {} t.x = {} t.s = "string" t.n = 42 t.f = function() end
collectgarbage()
collectgarbage()
print(t[1] == keep, t[2], t.x, t.s, t.n)
keep = nil
collectgarbage()
collectgarbage()
print(t[1], next(t) ~= nil)
local cache = setmetatable({}, {__mode = "v"})
for i = 1, 500 do cache["k" .. i] = {i} end
collectgarbage()
collectgarbage()
local n = 0
for k in pairs(cache) do n = n + 1 end
print(n)
