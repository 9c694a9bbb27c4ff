-- % takes the sign of the divisor: signs, fractions, infinities, zero.
local vals = {7, -7, 7.5, -7.5, 0, 1e15, -3}
local divs = {3, -3, 2.5, -2.5, 1, -1}
for _, a in ipairs(vals) do
  local r = {}
  for _, b in ipairs(divs) do r[#r + 1] = tostring(a % b) end
  print(a, table.concat(r, " "))
end
local inf = math.huge
local function p(x) if x ~= x then return "nan" end return tostring(x) end
print(p(5 % inf), p(-5 % inf), p(5 % -inf), p(-5 % -inf))
print(p(inf % 2), p(-inf % 2), p(5 % 0), p(0 % 0), p(0 % 5), p(5.3 % 1))
print(1e300 % 7 == 1e300 - math.floor(1e300 / 7) * 7, 2 ^ 53 % 3, -2 ^ 53 % 3)
print(0.1 % 0.01 < 0.01, 1 % 0.1, 3 % -2, -3 % 2, 3 % 2, -3 % -2)
