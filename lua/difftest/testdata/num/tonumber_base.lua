-- tonumber with a base.
print(tonumber("10", 2), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("777", 8), tonumber("12", 10))
print(tonumber("8", 8), tonumber("2", 2), tonumber("", 10), tonumber("g", 16), tonumber("1.5", 10))
print(tonumber("  11  ", 2), tonumber("-11", 2), tonumber("1 1", 2), tonumber("0x10", 16), tonumber("+7", 8))
print(tonumber("7fffffff", 16), tonumber("ffffffff", 16), tonumber("100000000", 16))
print(tonumber("1e1", 10), tonumber("1e1", 16), tonumber(10, 10), tonumber(10, 16))
local function try(...) print(select(2, pcall(function(...) return (tonumber(...)) end, ...))) end
try("10", 1) try("10", 37) try("10", 0) try("10", -2) try({}, 10) try(nil, 10) try("10", "x") try("z", 36.9)
