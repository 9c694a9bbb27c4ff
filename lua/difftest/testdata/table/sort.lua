-- table.sort: default order, comparators, strings, already ordered, equal.
local function s(t, f) table.sort(t, f) return table.concat(t, " ") end
print(s {3, 1, 2}, s {}, s {1}, s {2, 1}, s {5, 4, 3, 2, 1}, s {1, 1, 1, 0, 1})
print(s({3, 1, 2}, function(a, b)
  return a > b
end), s({"b", "a", "C", "B"}), s({"b", "a", "C"}, function(a, b)
  return a:lower() < b:lower()
end))
local big, seed = {}, 42
for i = 1, 500 do seed = (seed * 1103515245 + 12345) % 2147483648 big[i] = seed % 1000 end
table.sort(big)
local ok = true
for i = 2, #big do if big[i - 1] > big[i] then ok = false end end
print(ok, big[1], big[250], big[500])
local recs = {{n = "x", v = 2}, {n = "y", v = 1}, {n = "z", v = 3}}
table.sort(recs, function(a, b) return a.v < b.v end)
print(recs[1].n, recs[2].n, recs[3].n)
print(s {-1.5, 1e10, -1e10, 0, 0.5, math.huge, -math.huge})
print(select("#", table.sort({1})))
