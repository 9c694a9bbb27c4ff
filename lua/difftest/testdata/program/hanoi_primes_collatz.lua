-- Classic small algorithms: Hanoi, sieve, Collatz, gcd, perfect numbers, Pascal, roman numerals.
local moves = 0
local function hanoi(n, a, b, c) if n == 0 then return end hanoi(n - 1, a, c, b) moves = moves + 1 hanoi(n - 1, c, b, a) end
hanoi(10, "A", "B", "C")
print(moves)
local sieve, primes = {}, {}
for i = 2, 200 do if not sieve[i] then primes[#primes + 1] = i for j = i * i, 200, i do sieve[j] = true end end end
print(#primes, table.concat(primes, " ", 40))
local best, len = 0, 0
for i = 1, 3000 do
  local n, l = i, 1 while n ~= 1 do n = n % 2 == 0 and n / 2 or 3 * n + 1 l = l + 1 end if l > len then best, len = i, l end
end
print(best, len)
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end print(gcd(1071, 462), gcd(17, 5), gcd(0, 9), 21 * 6 / gcd(21, 6))
for n = 1, 500 do local s = 0 for d = 1, n / 2 do if n % d == 0 then s = s + d end end if s == n then io.write(n, " ") end end print()
local row = {1}
for i = 1, 8 do local nx = {1} for j = 2, #row do nx[j] = row[j - 1] + row[j] end nx[#nx + 1] = 1 row = nx end
print(table.concat(row, " "))
local function roman(n)
  local r = ""
  for v, s in ("1000M900CM500D400CD100C90XC50L40XL10X9IX5V4IV1I"):gmatch("(%d+)(%a+)") do
    v = tonumber(v) while n >= v do r = r .. s n = n - v end
  end
  return r
end
print(roman(1994), roman(2024), roman(49), roman(3999))
local function base(n, b)
  local d, r = "0123456789abcdefghijklmnopqrstuvwxyz", ""
  repeat local m = n % b r = d:sub(m + 1, m + 1) .. r n = (n - m) / b until n == 0
  return r
end
print(base(255, 2), base(255, 16), base(123456789, 36), base(0, 7), tonumber(base(98765, 13), 13))
local e, term = 1, 1
for i = 1, 20 do term = term / i e = e + term end
print(("%.12f"):format(e))
local pi = 0
for k = 0, 20 do pi = pi + 1 / 16 ^ k * (4 / (8 * k + 1) - 2 / (8 * k + 4) - 1 / (8 * k + 5) - 1 / (8 * k + 6)) end
print(("%.12f"):format(pi), math.abs(pi - math.pi) < 1e-12)
local x = 1
for i = 1, 20 do x = (x + 2 / x) / 2 end
print(("%.15f"):format(x))
local function luhn(s)
  local sum, alt = 0, false
  for d in s:reverse():gmatch("%d") do
    d = tonumber(d) if alt then d = d * 2 if d > 9 then d = d - 9 end end sum = sum + d alt = not alt
  end
  return sum % 10 == 0
end
print(luhn("4539 1488 0343 6467"), luhn("8273 1232 7352 0569"))
