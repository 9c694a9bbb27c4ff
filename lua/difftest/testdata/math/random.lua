-- random: ranges, determinism after a seed, errors.
math.randomseed(42)
local a = {math.random(), math.random(10), math.random(5, 6), math.random(-3, 3)}
math.randomseed(42)
local b = {math.random(), math.random(10), math.random(5, 6), math.random(-3, 3)}
print(a[1] == b[1], a[2] == b[2], a[3] == b[3], a[4] == b[4])
local ok = true
local seen = {}
for i = 1, 1000 do
  local r = math.random() if r < 0 or r >= 1 then ok = false end
  r = math.random(6) if r < 1 or r > 6 or r % 1 ~= 0 then ok = false end seen[r] = true
  r = math.random(-2, 2) if r < -2 or r > 2 or r % 1 ~= 0 then ok = false end
end
print(ok, #seen)
print(math.random(1), math.random(7, 7))
print(pcall(function() return (math.random(0)) end))
print(pcall(function() return (math.random(2, 1)) end))
print(pcall(function() return (math.random("x")) end))
print(pcall(function() return (math.random(-5)) end))
print(pcall(function() math.randomseed("x") end))
