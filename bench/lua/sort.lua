-- table.sort: 100,000 numbers, the same with a comparator, and 20,000 strings.
local seed = 42
local function random()
  seed = (seed * 16807) % 2147483647
  return seed
end
local a, b, c = {}, {}, {}
for i = 1, 100000 do
  a[i] = random()
  b[i] = a[i]
end
for i = 1, 20000 do
  c[i] = "key" .. random() % 100000
end
table.sort(a)
table.sort(b, function(x, y) return x > y end)
table.sort(c)
for i = 2, #a do
  assert(a[i - 1] <= a[i] and b[i - 1] >= b[i])
end
print(a[1], a[50000], b[1], b[50000], c[1], c[20000])
