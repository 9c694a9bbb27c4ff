-- Arithmetic with infinities.
local inf = math.huge
print(inf, -inf, 1 / 0, -1 / 0, inf + 1, inf * -1, inf == 1 / 0)
print(inf > 1e308, -inf < -1e308, 1 / inf, -1 / inf, 1 / (-1 / inf))
print(inf ^ 2, inf ^ -1, 2 ^ inf, 0.5 ^ inf, inf ^ 0)
print(math.floor(inf), math.ceil(-inf), math.abs(-inf), math.sqrt(inf))
print(inf - 1 == inf, inf / 2, 5 / inf)
print(tostring(inf), inf .. "", string.format("%g %f %5.1f", inf, -inf, inf))
local t = {[inf] = "i", [-inf] = "-i"}
print(t[1 / 0], t[-1 / 0])
