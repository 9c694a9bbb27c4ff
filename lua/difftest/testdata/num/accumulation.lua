-- Sums whose rounding shows.
local s = 0
for i = 1, 1000 do s = s + 0.1 end
print(s, string.format("%.17g", s), s == 100)
local p = 1
for i = 1, 25 do p = p * i end
print(p, string.format("%.0f", p))
local h = 0
for i = 1, 10000 do h = h + 1 / i end
print(string.format("%.12f", h))
local x, y = 0, 1
for i = 1, 80 do x, y = y, x + y end
print(x, string.format("%.0f", x))
