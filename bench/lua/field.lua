-- Table fields by constant name: read and write, 1e7 times.
local t = {x = 0, y = 1, name = "t"}
for _ = 1, 1e7 do
  t.x = t.x + 1
end
print(t.x)
