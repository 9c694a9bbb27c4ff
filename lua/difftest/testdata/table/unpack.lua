-- unpack with ranges, holes, and errors.
print(unpack({1, 2, 3})) print(unpack({})) print(unpack({1, 2, 3}, 2)) print(unpack({1, 2, 3}, 2, 3))
print(unpack({1, nil, 3}, 1, 3)) print(unpack({}, 1, 2)) print(unpack({1, 2}, 3)) print(unpack({1, 2}, 2, 1))
print(unpack({[-1] = "m", [0] = "z", "a"}, -1, 1)) print((unpack({5, 6})))
print(unpack({1, 2, 3}, "2")) print(unpack({1, 2, 3}, -1, 1))
local function try(...) print(pcall(function(...) return (unpack(...)) end, ...)) end
try() try(nil) try("abc") try({}, "x") try({}, 1, "y") try({}, {}) try(5)
print(select("#", unpack({}, 1, 100)), select("#", unpack({n = 3}, 1, 3)))
