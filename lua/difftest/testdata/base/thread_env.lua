-- What runs in the thread's environment, not the function's: chunks that load and dofile make, print's tostring.
local function loads(s) return loadstring(s) end
local own = { loadstring = loadstring }
setfenv(loads, own)
print(getfenv(loads("")) == _G)
setfenv(0, own)
local got = getfenv(loads(""))
setfenv(0, _G)
print(got == own, getfenv(loads("")) == _G, getfenv(0) == _G)

local other = setmetatable({}, { __index = _G })
local co = coroutine.create(function()
  print(getfenv(0) == other, getfenv(1) == _G, getfenv(load(function() end)) == other)
  return getfenv(loadstring("")) == other, getfenv(load("", "x", "t", own)) == own
end)
other.tostring = function(v) return "<" .. type(v) .. ">" end
debug.setfenv(co, other)
print(coroutine.resume(co))

local silent = coroutine.create(function() print(1) end)
debug.setfenv(silent, setmetatable({}, { __index = function(_, k) return k == "tostring" and function() return "found" end end }))
print(coroutine.resume(silent))
local bare = coroutine.create(function() print(1) end)
debug.setfenv(bare, {})
print(coroutine.resume(bare))
