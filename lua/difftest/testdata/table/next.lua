-- next: order of the array part, end, absent keys, errors.
print(next({})) print(next({}, nil)) print(next({"a"})) print(next({"a"}, 1))
local t = {10, 20, 30}
local k, v = next(t) print(k, v) k, v = next(t, k) print(k, v) k, v = next(t, k) print(k, v) print(next(t, k))
print(pcall(function() return (next({}, "nokey")) end))
print(pcall(function() return (next({1, 2}, 5)) end))
print(pcall(function() return (next()) end))
print(pcall(function() return (next(5)) end))
local n = 0
for _ in next, {1, 2, 3, a = 1, b = 2} do n = n + 1 end
print(n, rawequal(next({}), nil), type(next))
