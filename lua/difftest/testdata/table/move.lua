-- table.move.
local function c(t) local r = {} for i = 1, table.maxn(t) do r[i] = tostring(t[i]) end return table.concat(r, ",") end
print(c(table.move({1, 2, 3}, 1, 3, 2)), c(table.move({1, 2, 3}, 2, 3, 1)), c(table.move({1, 2, 3}, 1, 3, 1)))
local d = {9, 9, 9, 9, 9}
print(table.move({1, 2}, 1, 2, 4, d) == d, c(d))
print(c(table.move({1, 2, 3}, 1, 0, 5)), c(table.move({}, 1, 3, 1, {7, 8, 9})))
print(pcall(function() table.move({}, 1, 2) end))
print(pcall(function() table.move(1, 1, 2, 3) end))
print(pcall(function() table.move({}, "a", 2, 3) end))
print(pcall(function() table.move({}, 1, 2, 3, 4) end))
