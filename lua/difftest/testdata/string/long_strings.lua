-- Long strings: equality, as keys, concatenation, hashing.
local a, b = ("abc"):rep(10000), ("abc"):rep(5000) .. ("abc"):rep(5000)
print(a == b, #a, ({[a] = 1})[b], a:sub(-3), a:find("cab", 20000, true))
local c = a:sub(1, -2) .. "d"
print(a == c, a < c, #c, ({[a] = 1})[c])
local parts = {} for i = 1, 2000 do parts[i] = "line " .. i end
local s = table.concat(parts, "\n")
print(#s, select(2, s:gsub("\n", "")), s:match("line 1999\n(.*)"), #s:rep(3))
