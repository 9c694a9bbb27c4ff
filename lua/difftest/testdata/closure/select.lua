-- select with positive, negative and unsuitable indexes.
print(select(1, "a", "b", "c")) print(select(2, "a", "b", "c")) print(select(3, "a", "b", "c"))
print(select(4, "a", "b", "c")) print(select(100, "a"))
print(select(-1, "a", "b", "c")) print(select(-3, "a", "b", "c"))
print(select("#")) print(select("#", nil)) print(select("#", 1, nil, nil))
print(select("2", "a", "b")) print(select(1.9, "a", "b"))
local function try(...) print(pcall(function(...) return (select(...)) end, ...)) end
try(0, 1) try(-2, 1) try(-1) try() try(nil, 1) try("x", 1) try({}, 1) try("##", 1)
