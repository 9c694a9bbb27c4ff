-- Concatenation of strings and numbers, right associative, long chains.
local a, b, n = "x", "y", 5
print(a .. b, a .. n, n .. a, n .. n, a .. b .. n .. a .. 1.5 .. b)
local s = ""
for i = 1, 20 do s = s .. i .. "," end
print(s, #s)
print("" .. "", #("" .. ""), ("a"):rep(10) .. ("b"):rep(10))
print("a\0b" .. "\0c" == "a\0b\0c", #("\0" .. "\0"))
local t = {"p", "q"}
print(t[1] .. t[2] .. #t .. tostring(nil))
