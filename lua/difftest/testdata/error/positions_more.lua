-- Which errors name a variable or a position, and which do not: metamethods that are no functions, concatenation, rawset, error.
local t = setmetatable({}, {__add = 3, __index = 3, __lt = 3, __concat = true, __eq = 3, __unm = "x", __call = 3})
local u = setmetatable({}, getmetatable(t))
print(pcall(function() return t + 1 end)) print(pcall(function() return t.x end)) print(pcall(function() return t < u end))
print(pcall(function() return t .. 1 end)) print(pcall(function() return t == u end)) print(pcall(function() return -t end))
print(pcall(function() return t() end)) print(pcall(function() for a in 3 do end end))
print(pcall(function() return g2 .. g3 end)) print(pcall(function() local v = false return (not "x") .. v end))
print(pcall(function() local v = nil return "a" .. v .. "b" end)) print(pcall(function() local v, w = nil, nil return w .. "b" .. v end))
print(pcall(function() rawset({}, nil, 1) end)) print(pcall(function() rawset({}, 0/0, 1) end))
for _, level in ipairs{0, 1, 2, 3} do
  local ok, e = pcall(function() error(-1, level) end)
  print(type(e), e)
end
print(type(select(2, pcall(error, 5))), type(select(2, pcall(error, 5, 0))))
print(pcall(function() return tostring(setmetatable({}, {__tostring = 5})) end))
print(pcall(function() return tostring(setmetatable({}, {__tostring = function() error("here", 2) end})) end))
local co = coroutine.wrap(function() return tostring(setmetatable({}, {__tostring = function() return "got " .. coroutine.yield("wait") end})) end)
print(co(), co("it"))
