-- A constructor gives a new table at each evaluation, also when made of constants.
local function make() return {1, 2, x = "c", {3}} end
local a, b = make(), make()
print(a == b, a[3] == b[3])
a[1] = 100 a.x = nil a.y = 1
print(b[1], b.x, b.y, make()[1], make().x)
local ts = {}
for i = 1, 3 do ts[i] = {i, k = i * 2} end
print(ts[1][1], ts[2].k, ts[3][1], ts[1] == ts[2])
