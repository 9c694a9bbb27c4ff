-- Errors raised inside handlers carry the handler's position.
local t = setmetatable({}, {
  __index = function(_, k) error("index " .. k) end,
  __newindex = function(_, k) error("newindex " .. k) end,
  __add = function() error("add") end,
  __concat = function() error("concat") end,
  __call = function() error("call") end,
  __eq = function() error("eq") end,
  __lt = function() error("lt") end,
})
local u = setmetatable({}, getmetatable(t))
print(pcall(function() return t.x end))
print(pcall(function() t.y = 1 end))
print(pcall(function() return t + 1 end))
print(pcall(function() return t .. "" end))
print(pcall(function() return (t()) end))
print(pcall(function() return t == u end))
print(pcall(function() return t < u end))
print(pcall(function() local v = t.x return v end))
