-- string.dump and loading what it gives.
local f = function(a, b) local up = a * 2 return up + b, "const" end
local s = string.dump(f)
print(type(s), s:sub(1, 3) == "\27LJ")
local g = loadstring(s)
print(g(3, 4)) print(loadstring(s, "=x", "b") ~= nil) print(load(s, "=d", "t"))
print(string.dump(loadstring("return 5"), true) ~= nil) print(pcall(string.dump, print))
local up = 5 local h = loadstring(string.dump(function() return up end)) print(pcall(h))
