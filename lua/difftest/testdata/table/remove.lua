-- table.remove from the end, the front, the middle, and outside.
local t = {1, 2, 3, 4, 5}
print(table.remove(t), table.remove(t, 1), table.remove(t, 2), table.concat(t, ","))
print(table.remove({}), #t, table.remove({}, 1), select("#", table.remove({})))
local u = {"a", "b"}
print(table.remove(u, 5), table.remove(u, 0), table.remove(u, 3), #u)
print(table.remove(u), table.remove(u), table.remove(u), #u)
local q = {}
for i = 1, 10 do q[i] = i end
local out = {}
while #q > 0 do out[#out + 1] = table.remove(q, 1) end
print(table.concat(out, " "))
local function try(...) print(pcall(function(...) return (table.remove(...)) end, ...)) end
try() try(nil) try({}, "x") try("s") try({1, 2, 3}, 2, 3)
