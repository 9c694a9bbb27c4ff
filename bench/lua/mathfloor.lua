-- Calls of a builtin through a local: math.floor, 1e7 times.
local floor = math.floor
local s = 0
for i = 1, 1e7 do
  s = s + floor(i * 0.3)
end
print(s)
