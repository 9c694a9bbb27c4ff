-- -0 keeps its sign, compares equal to 0, and prints as such.
local nz = -0.0
local z = 0
print(nz, -z, z * -1, 1 / nz, 1 / (-z))
print(nz == 0, nz < 0, nz + 0, nz * 1, nz - 0, -nz)
print(math.floor(-0.0), math.ceil(-0.5), 1 / math.ceil(-0.5), math.abs(-0.0))
print(string.format("%d %g %.1f", nz, nz, nz))
print(-0 % 5, 1 / (-0.0 % 5), tostring(nz), nz .. "")
local t = {[0] = "zero"}
print(t[nz], t[-z])
print(0 - 0, 1 / (0 - 0), 1 / (nz + nz), math.max(nz, 0), math.min(0, nz) == 0)
