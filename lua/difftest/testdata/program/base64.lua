-- Base64 and base32 encoding and decoding by arithmetic and by bits.
local abc = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function enc(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local q = {}
    for k = 3, 0, -1 do q[k + 1] = abc:sub(n % 64 + 1, n % 64 + 1) n = math.floor(n / 64) end
    out[#out + 1] = q[1] .. q[2] .. (b and q[3] or "=") .. (c and q[4] or "=")
  end
  return table.concat(out)
end
local rev = {} for i = 1, 64 do rev[abc:byte(i)] = i - 1 end
local function dec(s)
  local out, acc, bits = {}, 0, 0
  for i = 1, #s do
    local v = rev[s:byte(i)]
    if v then
      acc = bit.bor(bit.lshift(acc, 6), v) bits = bits + 6
      if bits >= 8 then
        bits = bits - 8
        out[#out + 1] = string.char(bit.band(bit.rshift(acc, bits), 255))
        acc = bit.band(acc, bit.lshift(1, bits) - 1)
      end
    end
  end
  return table.concat(out)
end
for _, s in ipairs {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\0\255\128", "Hello, World!"} do
  print(#s, enc(s), dec(enc(s)) == s)
end
local all = {} for i = 0, 255 do all[#all + 1] = string.char(i) end all = table.concat(all):rep(5)
print(#enc(all), dec(enc(all)) == all, enc(all):sub(1, 20), dec("SGVs\nbG8=\n"))
local a32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
local function b32(s)
  local r = s:gsub(".", function(c)
    local b, n = "", c:byte() for i = 7, 0, -1 do b = b .. math.floor(n / 2 ^ i) % 2 end return b
  end)
  r = r .. ("0"):rep(-#r % 5)
  return (r:gsub("%d%d%d%d%d", function(x)
    local v = tonumber(x, 2) return a32:sub(v + 1, v + 1)
  end)) .. ("="):rep(-math.ceil(#s * 8 / 5) % 8)
end
print(b32("foobar"), b32("f"), b32("hello"))
