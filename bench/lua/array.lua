-- Array part: fill 1e6 elements, then read them ten times.
local a = {}
for i = 1, 1e6 do
  a[i] = i
end
local s = 0
for _ = 1, 10 do
  for i = 1, 1e6 do
    s = s + a[i]
  end
end
print(#a, s)
