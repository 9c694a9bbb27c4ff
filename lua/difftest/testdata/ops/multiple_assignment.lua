-- The right side is evaluated first; values are adjusted.
local a, b, c = 1, 2
print(a, b, c)
a, b = b, a
print(a, b)
local function two() return 10, 20 end
local x, y, z = two()
print(x, y, z)
x, y, z = two(), 5
print(x, y, z)
x, y, z = 0, two()
print(x, y, z)
x, y = (two())
print(x, y)
local i, t = 1, {}
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local q = {1, 2, 3}
q[1], q[2], q[3] = q[3], q[1], q[2]
print(q[1], q[2], q[3])
local p = {}
p.x, p.y, p.z = 1
print(p.x, p.y, p.z)
