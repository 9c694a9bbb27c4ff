-- Arguments of table functions that are nil, fractions or of other types; and how their errors name the function.
local function try(...) print(select("#", ...), pcall(...)) end
try(table.concat, {1, 2, 3}, ",", nil, nil) try(table.concat, {1, 2, 3}, nil, 2, nil) try(table.concat, {1, 2, 3}, ",", nil, 2)
try(table.concat, {1, 2, 3}, ",", 2^31, nil)
for _, pos in ipairs{1.5, 1.99, 2.5, 3.5, 4, 4.5, 5, 0.5, "2", 1e10} do
  local t = {"a", "b", "c", "d"}
  print(pos, pcall(table.remove, t, pos))
  print(table.concat(t, " "))
end
local t = {5}
print(pcall(table.remove, t, 1.5)) print(t[1])
t = {"a", "b"}
print(pcall(table.insert, t, 1.5, "x")) print(table.concat(t, " "))
for _, name in ipairs{"foreach", "foreachi"} do
  local f = table[name]
  try(f) try(f, 3, 1) try(f, {}, 1) try(f, {})
  try(function() table[name](3, print) end)
  try(function() table.foreachi(3, print) end)
  try(function() f({}, "x") end)
  try(coroutine.wrap(f), 3) try(coroutine.wrap(function() return f(3) end))
end
