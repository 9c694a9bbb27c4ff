-- x^0.5 is C's pow, not a square root: zeros and infinities.
local function show(x) return x == 0 and (1 / x < 0 and "-0" or "+0") or tostring(x) end
for _, x in ipairs { 0, -0, 1, 0.25, 2, 1 / 0, -1 / 0, -4, 0 / 0 } do
  local y = 0.5
  print(show(x ^ y), show(x ^ 0.5), show(x ^ -0.5), show(math.pow(x, y)), show(math.sqrt(x)))
end
local z = -tonumber("0")
print(show(z ^ 0.5), show(z ^ -0.5), show(z ^ 3), show(z ^ -3), show(z ^ 2), show(math.sqrt(z)))
