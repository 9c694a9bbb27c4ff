-- FNV-1a, CRC-32, Adler-32 and xorshift in 32-bit arithmetic.
local function mul32(a, b)
  local al, ah = a % 65536, math.floor(a / 65536) % 65536
  return bit.tobit((al * b) % 4294967296 + ((ah * (b % 65536)) % 65536) * 65536)
end
local function fnv(s)
  local h = 2166136261
  for i = 1, #s do
    h = bit.bxor(h, s:byte(i)) % 4294967296
    local lo = h % 65536
    local hi = (h - lo) / 65536
    h = (lo * 16777619 + ((hi * 16777619) % 65536) * 65536) % 4294967296
  end
  return bit.tohex(h)
end
print(fnv(""), fnv("a"), fnv("foobar"))
local crct = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do if bit.band(c, 1) == 1 then c = bit.bxor(0xedb88320, bit.rshift(c, 1)) else c = bit.rshift(c, 1) end end
  crct[i] = c
end
local function crc32(s)
  local c = bit.bnot(0)
  for i = 1, #s do c = bit.bxor(crct[bit.band(bit.bxor(c, s:byte(i)), 255)], bit.rshift(c, 8)) end
  return bit.tohex(bit.bnot(c))
end
print(crc32(""), crc32("123456789"), crc32("The quick brown fox jumps over the lazy dog"))
local function adler(s)
  local a, b = 1, 0
  for i = 1, #s do a = (a + s:byte(i)) % 65521 b = (b + a) % 65521 end
  return bit.tohex(bit.bor(bit.lshift(b, 16), a))
end
print(adler("Wikipedia"))
local x = 2463534242
local r = {}
for i = 1, 6 do x = bit.bxor(x, bit.lshift(x, 13)) x = bit.bxor(x, bit.rshift(x, 17)) x = bit.bxor(x, bit.lshift(x, 5)) r[i] = x end
print(unpack(r))
