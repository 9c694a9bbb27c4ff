-- debug.getmetatable, setmetatable, getregistry, getfenv.
print(type(debug.getregistry()), debug.getmetatable("") == getmetatable(""), debug.getmetatable({}))
local t = {}
print(debug.setmetatable(t, {__index = {x = 1}}) == t, t.x)
print(debug.getfenv(print) == _G, debug.getfenv(function() end) == _G)
print(pcall(debug.setmetatable, {}, 5)) print(debug.gethook())
local n = 0 for k, v in pairs(debug) do n = n + 1 end print(n >= 14, type(debug.sethook))
