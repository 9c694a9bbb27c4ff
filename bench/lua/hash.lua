-- Hash parts: string keys made on the fly, counted, looked up, walked with pairs and removed; then keys that are numbers with holes.
local seed = 7
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n
end
local count = {}
for _ = 1, 200000 do
  local key = "user-" .. random(20000)
  count[key] = (count[key] or 0) + 1
end
local keys, most = 0, 0
for _, n in pairs(count) do
  keys = keys + 1
  if n > most then most = n end
end
for i = 0, 19999, 2 do
  count["user-" .. i] = nil
end
local left = 0
for _ in pairs(count) do
  left = left + 1
end
local sparse, sum = {}, 0
for i = 1, 100000 do
  sparse[i * 1000003 % 4000037] = i
end
for i = 1, 100000 do
  sum = sum + sparse[i * 1000003 % 4000037]
end
print(keys, most, left, sum)
