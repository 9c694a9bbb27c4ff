-- Numbers as keys: integer-valued floats are the same key.
local t = {}
t[1] = "a"; t[1.0] = "b"; t[2 ^ 53] = "big"; t[1.5] = "half"; t[-1] = "neg"; t[1e300] = "huge"
print(t[1], t[2 ^ 53], t[1.5], t[-1], t[1e300], t["1"], #t)
t["1"] = "string"
print(t[1], t["1"])
for i = 0.5, 3 do t[i] = i end
print(t[0.5], t[1.5], t[2.5], t[3.5])
t[4 / 2] = "two"
print(t[2], #t, rawequal(t[2], t[2.0]))
