-- string.byte and string.char.
print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(10), ("abc"):byte(1, 3))
print(("abc"):byte(0), ("abc"):byte(-10, 10), ("abc"):byte(3, 2), (""):byte(), ("\0\255"):byte(1, 2))
print(select("#", ("abc"):byte(4)), select("#", (""):byte(1, -1)), ("abc"):byte("2"), ("abc"):byte(1.9), string.byte(65))
print(string.char(), string.char(72, 105), #string.char(0, 1, 255), string.char("65", 66.9))
local function try(...) print(pcall(function(...) return (string.char(...)) end, ...)) end
try(256) try(-1) try("x") try({}) try(65, 256) try(nil) try(1e10)
print(pcall(function() return (string.byte()) end))
print(pcall(function() return (string.byte({})) end))
print(pcall(function() return (("x"):byte({})) end))
print(pcall(function() return (("x"):byte(1, "z")) end))
