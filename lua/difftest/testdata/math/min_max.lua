-- min and max.
print(math.min(1), math.max(1), math.min(3, 1, 2), math.max(3, 1, 2), math.min(-1, -1.5), math.max(-math.huge, math.huge),
  math.min("3", 2), math.max("10", 9))
print(math.max(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), math.min(10, 9, 8.5), math.max(unpack({5, 3, 9})))
local function try(f, ...) print(pcall(f, ...)) end
try(math.max) try(math.min) try(math.max, "x") try(math.max, 1, {}) try(math.min, nil) try(math.max, 1, nil)
print(pcall(function() return (math.max()) end))
print(pcall(function() return (math.min(1, "z")) end))
