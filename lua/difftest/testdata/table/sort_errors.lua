-- table.sort with incomparable values, wrong comparators, errors inside.
local function try(t, f) print(pcall(function() table.sort(t, f) end)) end
try({1, "x"}) try({{}, {}}) try({true, false}) try({1, 2}, 5) try({1, 2}, "f") try(nil) try({print, print})
try({3, 2, 1}, function() error("inside") end)
local t = {}
for i = 1, 10 do t[i] = i end
try(t, function() return true end)
try({1, 2, 3, 4, 5}, function(a, b) return a <= b end)
print(pcall(table.sort, {2, 1}, function(a, b) return nil end))
print(pcall(table.sort, {2, 1}, nil))
