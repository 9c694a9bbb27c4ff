-- Integer-valued results around 2^31 and 2^53.
local a = 2147483647
print(a, a + 1, a + 2, -a - 1, -a - 2, a * 2, a * a)
local b = -2147483648
print(b, b - 1, -b, b * -1, b + b, b / -1, b % 10, b % -10)
local c = 9007199254740992
print(c == c + 1, c - 1 == c, string.format("%.0f", c), string.format("%.0f", c + 2))
for i = 2147483645, 2147483649 do io.write(string.format("%.0f", i), " ") end
print()
local n = 0
for i = -2147483650, -2147483646 do n = n + i end
print(string.format("%.0f", n))
print(4294967296 * 4294967296, 65536 * 65536, 46341 * 46341)
