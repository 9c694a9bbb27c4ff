-- Zero step, NaN, infinities, limits near 2^31 and 2^53.
local c = 0
for i = 1, 10, 0 do c = c + 1 if c == 5 then break end end
print("zero up", c)
c = 0
for i = 10, 1, 0 do c = c + 1 if c == 5 then break end end
print("zero down", c)
local nan = 0 / 0
c = 0
for i = nan, 1 do c = c + 1 if c == 3 then break end end
for i = 1, nan do c = c + 1 if c == 3 then break end end
print("nan", c)
c = 0
for i = 1, 3, nan do c = c + 1 if c == 3 then break end end
print("nan step", c)
c = 0
for i = 1, math.huge do c = c + 1 if c == 4 then break end end
for i = -math.huge, 0 do c = c + 1 if c == 8 then break end end
print("inf", c)
for i = 2147483646, 2147483648 do io.write(string.format("%.0f ", i)) end print()
for i = -2147483647, -2147483649, -1 do io.write(string.format("%.0f ", i)) end print()
c = 0
for i = 9007199254740990, 9007199254740992 do c = c + 1 if c == 6 then break end end
print("2^53 never passes its limit", c)
for i = 1, 1.999 do io.write(i, " ") end print()
for i = 1e300, 1.1e300, 1e299 do io.write(i, " ") end print()
