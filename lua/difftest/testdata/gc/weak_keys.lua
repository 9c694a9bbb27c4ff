-- Weak keys vanish; strings and numbers stay.
local t = setmetatable({}, {__mode = "k"})
local key = {}
t[key] = "kept"
t[{}] = "dropped"
t[function() end] = "dropped"
t.name = {}
t[1] = "one"
collectgarbage()
collectgarbage()
local n = 0
for k, v in pairs(t) do n = n + 1 end
print(n, t[key], type(t.name), t[1])
key = nil
collectgarbage()
collectgarbage()
n = 0
for k, v in pairs(t) do n = n + 1 end
print(n)
local both = setmetatable({}, {__mode = "kv"})
both[1] = {}
both[{}] = 1
both.s = "str"
collectgarbage()
collectgarbage()
n = 0
for k in pairs(both) do n = n + 1 end
print(n, both.s)
local late = {} late[1] = {} setmetatable(late, {__mode = "v"}) collectgarbage() collectgarbage() print(#late)
