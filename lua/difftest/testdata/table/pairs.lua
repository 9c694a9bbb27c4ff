-- pairs visits each key once; keys may be removed and changed on the way.
local t = {}
for i = 1, 50 do t["k" .. i] = i end
for i = 1, 10 do t[i] = i * 100 end
local n, sum = 0, 0
for k, v in pairs(t) do n = n + 1 sum = sum + v end
print(n, sum)
for k, v in pairs(t) do t[k] = nil end
print(next(t))
for i = 1, 30 do t["x" .. i] = i end
for k, v in pairs(t) do if v % 2 == 0 then t[k] = nil else t[k] = v * 2 end end
local left, total = 0, 0
for k, v in pairs(t) do left = left + 1 total = total + v end
print(left, total)
local keys = {}
for k in pairs({z = 1, y = 2, 3, [2.5] = 4, [true] = 5}) do keys[#keys + 1] = tostring(k) end
table.sort(keys)
print(table.concat(keys, " "))
for i, v in pairs({"a", "b", "c"}) do io.write(i, v, " ") end print()
print(type(pairs({})), select("#", pairs({})))
print(pcall(function() for k in pairs() do end end))
print(pcall(function() for k in pairs(5) do end end))
