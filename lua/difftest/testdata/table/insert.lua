-- table.insert in both forms, and its errors.
local t = {}
table.insert(t, "a") table.insert(t, "c") table.insert(t, 2, "b") table.insert(t, 1, "start")
print(table.concat(t, ","), #t)
table.insert(t, #t + 1, "end") print(table.concat(t, ","))
table.insert(t, 2.7, "frac") print(table.concat(t, ","))
local u = {}
table.insert(u, 5, "five") print(#u == 0 or #u == 5, u[5])
local function try(...) print(pcall(function(...) return (table.insert(...)) end, ...)) end
try() try({}) try({}, 1, 2, 3) try(nil, 1) try({}, "x", 2) try(5, 1) try({}, nil, 2)
local v = {}
try(v, nil) print(#v)
print(select("#", table.insert({}, 1)))
