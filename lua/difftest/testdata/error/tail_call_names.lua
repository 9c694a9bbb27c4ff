-- Names of builtins in errors when called through other names, by pcall, or as a tail call.
local b = string.byte
print(pcall(function() local _ = b({}) end))
local t = {f = string.rep}
print(pcall(function() local _ = t.f() end)) print(pcall(function() local _ = t:f() end))
print(pcall(string.byte, {})) print(pcall(string.rep)) print(pcall(ipairs)) print(pcall(setmetatable, 1)) print(pcall(tonumber, "1", 99))
print(pcall(function() return string.byte({}) end)) print(pcall(function() return b({}) end))
print(pcall(function() return ("x"):rep({}) end))
print(pcall(function() return math.floor("x") end)) print(pcall(function() return ipairs() end))
print(pcall(function() return tonumber({}, 5) end))
globalname = math.floor print(pcall(function() local _ = globalname({}) end))
print(pcall(function() for k in pairs(nil) do end end)) print(pcall(function() local x = {string.rep("x")} end))
print(pcall(function() local k = "upper" local _ = string[k]() end)) print(select(2, xpcall(string.rep, function(m) return m end)))
print(pcall(function() for w in string.gmatch(nil, "x") do end end))
print(pcall(function() table.sort({3, 2, 1}, function(a, b) return string.byte(a, {}) end) end))
