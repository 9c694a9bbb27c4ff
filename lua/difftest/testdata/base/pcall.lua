-- pcall: results, arguments, nesting, errors of its own.
print(pcall(function(...) return ... end, 1, nil, 3)) print(pcall(function() end))
print(pcall(pcall, error, "x")) print(pcall(pcall)) print(pcall(function() pcall() end))
print(pcall(nil)) print(pcall(5)) print(pcall({})) print(pcall("x"))
print(pcall(pcall, pcall, error, "deep"))
local function nest(n) if n == 0 then error("bottom", 0) end local ok, e = pcall(nest, n - 1) error(e .. n, 0) end
print(pcall(nest, 5))
local n = 0
for i = 1, 100 do local ok = pcall(function() if i % 2 == 0 then error("even") end n = n + 1 end) end
print(n)
print(select("#", pcall(function() return nil, nil end)))
local ok, r = pcall(function() local x = 1 local function up() x = x + 1 error("after") end pcall(up) pcall(up) return x end) print(ok, r)
