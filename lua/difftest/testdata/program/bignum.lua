-- Big integers: factorial, power, Fibonacci, division by small numbers.
local Big = {} Big.__index = Big
local BASE = 10000000
local function new(n)
  local r = setmetatable({}, Big)
  if type(n) == "string" then
    for e = #n, 1, -7 do r[#r + 1] = tonumber(n:sub(math.max(1, e - 6), e)) end
  else
    repeat r[#r + 1] = n % BASE n = math.floor(n / BASE) until n == 0
  end
  return r
end
local function trim(a) while #a > 1 and a[#a] == 0 do a[#a] = nil end return a end
function Big.__add(a, b)
  local r, c = setmetatable({}, Big), 0
  for i = 1, math.max(#a, #b) do local s = (a[i] or 0) + (b[i] or 0) + c r[i] = s % BASE c = math.floor(s / BASE) end
  if c > 0 then r[#r + 1] = c end
  return r
end
function Big.__mul(a, b)
  if type(b) == "number" then b = new(b) end
  local r = setmetatable({}, Big)
  for i = 1, #a + #b do r[i] = 0 end
  for i = 1, #a do
    local c = 0
    for j = 1, #b do local s = a[i] * b[j] + r[i + j - 1] + c r[i + j - 1] = s % BASE c = math.floor(s / BASE) end
    r[i + #b] = r[i + #b] + c
  end
  return trim(r)
end
function Big.__pow(a, n) local r = new(1) while n > 0 do if n % 2 == 1 then r = r * a end a = a * a n = math.floor(n / 2) end return r end
function Big.__mod(a, n) local m = 0 for i = #a, 1, -1 do m = (m * BASE + a[i]) % n end return m end
function Big.__lt(a, b)
  if #a ~= #b then return #a < #b end for i = #a, 1, -1 do if a[i] ~= b[i] then return a[i] < b[i] end end return false
end
function Big.__eq(a, b) return not (a < b) and not (b < a) end
function Big.__tostring(a)
  local t = {tostring(a[#a])} for i = #a - 1, 1, -1 do t[#t + 1] = ("%07d"):format(a[i]) end return table.concat(t)
end
local f = new(1) for i = 2, 50 do f = f * i end print(f)
local g = new(1)
for i = 2, 200 do g = g * i end
print(#tostring(g), g % 1009, tostring(g):sub(1, 20), select(2, tostring(g):gsub("0+$", function(z) return "" end)))
print(new(2) ^ 128, new("123456789012345678901234567890") + new("987654321098765432109876543210"))
local a, b = new(0), new(1)
for i = 1, 300 do a, b = b, a + b end
print(a)
print(new(5) < new(7), new("10000000") == new(10000000), new(3) ^ 100 > new(2) ^ 150, (new(7) ^ 77) % 1000)
