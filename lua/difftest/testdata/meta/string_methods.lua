-- Methods and fields of strings through their metatable.
local s = "hello"
print(s:upper(), s:len(), ("x"):rep(3), s:sub(2, 3), #s:rep(2))
print(("%d-%s"):format(5, "a"), s.len(s), s.nothing)
print(pcall(function() return s.x.y end))
print(pcall(function() s.x = 1 end))
print(pcall(function() return s[1].z end))
print(s[1], s[{}], ("a").byte("A"))
string.shout = function(self) return self:upper() .. "!" end
print(s:shout(), ("abc"):shout())
string.shout = nil
print(pcall(function() return (s:shout()) end))
print(pcall(function() return ((5):type()) end))
local mt = getmetatable("")
local old = mt.__index
mt.__index = function(str, k) if type(k) == "number" then return old.sub(str, k, k) end return old[k] end
print(s[1], s[5], s[6] == "", s:upper())
mt.__index = old
