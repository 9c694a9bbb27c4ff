-- Large objects between small ones: strings and tables of 8 KiB to 128 KiB, and a few of 8 MiB, which live a while and go.
local size = ...
local live, n, seed = {}, 0, 1
local function block(i)
  seed = seed * 16807 % 2147483647
  local k = seed % 40 == 0 and 1048576 or seed % 15360 + 1024
  for j = 1, k / 8 do
    live[0] = {j}
  end
  if i % 3 == 0 then return ("x"):rep(k * 8) end
  local t = {}
  for j = 1, k do
    t[j] = j
  end
  return t
end
repeat
  n = n + 1
  live[n] = block(n)
until collectgarbage("count") >= size
local at = 0
return function()
  for _ = 1, 20 do
    at = at % n + 1
    live[at] = block(at)
  end
end
