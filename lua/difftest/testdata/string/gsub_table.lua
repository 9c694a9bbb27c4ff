-- gsub with a table, with metatables, and unsuitable replacements.
print(("$x + $y"):gsub("%$(%w+)", {x = 1, y = "two"}), ("a b c"):gsub("%w", {a = "A", b = false}),
  ("abc"):gsub("()", {[1] = "one", [3] = "three"}), ("ab"):gsub("(a)(b)", {a = "first capture counts"}))
print(("abc"):gsub("%w", setmetatable({}, {__index = function(_, k)
  return k:upper()
end})), ("abc"):gsub("%w", setmetatable({}, {__index = {a = 9}})))
print(pcall(function() return (("x"):gsub("x", {x = {}})) end))
print(pcall(function() return (("x"):gsub("x", {x = true})) end))
local function try(...) print(pcall(function(...) return (("x"):gsub(...)) end, ...)) end
try() try("x") try("x", nil) try("x", true) try({}, "y") try("x", "y", "z") try("x", "y", {}) try("x", print and coroutine.create(print))
