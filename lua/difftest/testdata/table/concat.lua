-- table.concat with separators, ranges, numbers, and errors.
print(table.concat({}), table.concat({1, 2, 3}), table.concat({1, 2.5, "x"}, ", "), table.concat({"a"}, "-"))
print(table.concat({1, 2, 3, 4}, ",", 2), table.concat({1, 2, 3, 4}, ",", 2, 3), table.concat({1, 2}, ",", 3),
  table.concat({1, 2}, ",", 2, 1))
print(table.concat({[5] = "five", [6] = "six"}, " ", 5, 6), table.concat({1, 2}, 0), table.concat({"a\0", "b"}, "\0") == "a\0\0b")
print(#table.concat({("x"):rep(1000), ("y"):rep(1000)}, ("z"):rep(10)))
local function try(...) print(pcall(function(...) return (table.concat(...)) end, ...)) end
try({1, {}, 3}) try({1, nil, 3}, ",", 1, 3) try({true}) try({print}) try({1, 2}, ",", 1, 5)
try() try(nil) try({}, {}) try({}, ",", "x") try({1}, ",", 1, {}) try({}, ",", 0, 0)
print(pcall(table.concat, setmetatable({}, {__index = function(_, i) return "v" .. i end}), ",", 1, 1))
