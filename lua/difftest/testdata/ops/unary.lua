-- Unary operators.
print(-5, - -5, -(-5), not true, not nil, #"ab", -"3")
local a = 5
print(-a, -a ^ 2, (-a) ^ 2, not a, not not a)
print(-0 == 0, 1 / -0, 1 / -a * 0)
local z = 0
print(1 / -z, 1 / z)
