-- rawget, rawset, rawequal ignore metatables.
local t = setmetatable({}, {
  __index = function() return "meta" end, __newindex = function() error("no") end, __eq = function() return true end,
})
print(t.x, rawget(t, "x"), rawset(t, "x", 1) == t, t.x, rawget(t, "x"))
print(rawequal(t, t), rawequal(t, {}), rawequal("a", "a"), rawequal(1, 1.0), rawequal(nil, false))
print(pcall(rawget, 1, 2))
print(pcall(rawset, {}, nil, 1))
print(pcall(function() rawget({}) end))
print(pcall(function() rawset({}, 1) end))
print(pcall(function() rawequal(1) end))
print(rawget({nil, 2}, 2), rawget({}, nil))
