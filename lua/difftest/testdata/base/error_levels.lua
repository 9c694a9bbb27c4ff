-- error with levels 0, 1, 2, 3 and positions.
local function f(level) error("msg", level) end
local function g(level) f(level) end
local function h(level) g(level) end
for _, l in ipairs {0, 1, 2, 3} do print(l, pcall(h, l)) end
print(pcall(error, "direct")) print(pcall(error, "direct", 1)) print(pcall(error, "direct", 2)) print(pcall(error))
print(pcall(function() error() end)) print(pcall(function() error(nil) end)) print(pcall(function() error("x", 0) end))
print(pcall(function() error("x", 100) end)) print(pcall(function() error(42) end))
print(pcall(function() error(42, 2) end)) print(pcall(function() error("42", 1) end))
print(pcall(function() error("neg", -1) end))
print(pcall(function() error("str", "2") end))
print(pcall(function() error("bad", {}) end))
