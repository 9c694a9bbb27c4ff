-- Folded constants must give what run time gives.
local one, zero, two, three = 1, 0, 2, 3
print(1 / 0, one / zero, -1 / 0, -one / zero)
print(7 % 3, (one + 6) % three, -7 % 3, -(one + 6) % three, 7 % -3, (one + 6) % -three)
print(2 ^ 3, two ^ three, 2 ^ 0.5 == two ^ 0.5)
print(5 % 0 ~= 5 % 0, (two + three) % zero ~= (two + three) % zero)
print(1 / (0 * -1), one / (zero * -one), 0 * -1 == 0)
print(3 - 3, 1 - 1 == 0, 0.1 + 0.2 == 0.3, 1e308 * 10, -1e308 * 10)
print(not nil, not 1, -(2 + 3), #"const")
