-- Request script: checks JSON web tokens in plain Lua: base64url, HMAC-SHA-256 (32-bit words as doubles, exclusive or through a
-- table of bytes), the claims of the payload, expiry and scope; 100 requests.
local byte, char, floor, concat, format = string.byte, string.char, math.floor, table.concat, string.format

local xors, ands = {}, {}
do
  local function bits(a, b)
    local x, n, bit = 0, 0, 1
    while bit < 256 do
      local p, q = a % 2, b % 2
      if p ~= q then x = x + bit elseif p == 1 then n = n + bit end
      a, b, bit = (a - p) / 2, (b - q) / 2, bit * 2
    end
    return x, n
  end
  for a = 0, 255 do
    for b = a, 255 do
      local x, n
      if a < 16 and b < 16 then
        x, n = bits(a, b)
      else
        local i, j = floor(a / 16) * 256 + floor(b / 16), a % 16 * 256 + b % 16
        x, n = xors[i] * 16 + xors[j], ands[i] * 16 + ands[j]
      end
      xors[a * 256 + b], xors[b * 256 + a] = x, x
      ands[a * 256 + b], ands[b * 256 + a] = n, n
    end
  end
end
local function combine(t, a, b)
  local a0, b0 = a % 256, b % 256
  a, b = (a - a0) / 256, (b - b0) / 256
  local a1, b1 = a % 256, b % 256
  a, b = (a - a1) / 256, (b - b1) / 256
  local a2, b2 = a % 256, b % 256
  a, b = (a - a2) / 256, (b - b2) / 256
  return t[a0 * 256 + b0] + t[a1 * 256 + b1] * 256 + t[a2 * 256 + b2] * 65536 + t[a * 256 + b] * 16777216
end
local function xor3(a, b, c) return combine(xors, combine(xors, a, b), c) end
local power = {}
for i = 0, 32 do
  power[i] = 2 ^ i
end
local function rotate(x, n)
  local low = x % power[n]
  return (x - low) / power[n] + low * power[32 - n]
end
local function shift(x, n) return floor(x / power[n]) end

-- SHA-256's constants are the first bits of the fractions of roots of primes.
local K, H0 = {}, {}
do
  local n, candidate = 0, 2
  while n < 64 do
    local prime = true
    for d = 2, candidate - 1 do
      if d * d > candidate then break end
      if candidate % d == 0 then prime = false break end
    end
    if prime then
      n = n + 1
      -- By bisection: a fractional power is not exact to the last bit everywhere.
      local function fraction(exponent)
        local lo, hi = 0, candidate
        for _ = 1, 60 do
          local mid = (lo + hi) / 2
          local p = exponent == 2 and mid * mid or mid * mid * mid
          if p <= candidate then lo = mid else hi = mid end
        end
        return floor(lo % 1 * 4294967296)
      end
      K[n] = fraction(3)
      if n <= 8 then H0[n] = fraction(2) end
    end
    candidate = candidate + 1
  end
end

local w = {}
local function compress(state, s, at)
  for i = 1, 16 do
    local a, b, c, d = byte(s, at, at + 3)
    w[i] = a * 16777216 + b * 65536 + c * 256 + d
    at = at + 4
  end
  for i = 17, 64 do
    local x, y = w[i - 15], w[i - 2]
    w[i] = (w[i - 16] + xor3(rotate(x, 7), rotate(x, 18), shift(x, 3)) + w[i - 7]
      + xor3(rotate(y, 17), rotate(y, 19), shift(y, 10))) % 4294967296
  end
  local a, b, c, d, e, f, g, h = state[1], state[2], state[3], state[4], state[5], state[6], state[7], state[8]
  for i = 1, 64 do
    local choice = combine(xors, g, combine(ands, e, combine(xors, f, g)))
    local t1 = h + xor3(rotate(e, 6), rotate(e, 11), rotate(e, 25)) + choice + K[i] + w[i]
    local majority = combine(xors, combine(ands, a, combine(xors, b, c)), combine(ands, b, c))
    local t2 = xor3(rotate(a, 2), rotate(a, 13), rotate(a, 22)) + majority
    h, g, f, e, d, c, b, a = g, f, e, (d + t1) % 4294967296, c, b, a, (t1 + t2) % 4294967296
  end
  state[1], state[2], state[3], state[4] = (state[1] + a) % 4294967296, (state[2] + b) % 4294967296, (state[3] + c) % 4294967296, (state[4] + d) % 4294967296
  state[5], state[6], state[7], state[8] = (state[5] + e) % 4294967296, (state[6] + f) % 4294967296, (state[7] + g) % 4294967296, (state[8] + h) % 4294967296
end
local function word(n) return char(floor(n / 16777216), floor(n / 65536) % 256, floor(n / 256) % 256, n % 256) end
local function sha256(s)
  local state = {}
  for i = 1, 8 do
    state[i] = H0[i]
  end
  local padded = s .. "\128" .. ("\0"):rep((55 - #s) % 64) .. "\0\0\0\0" .. word(#s * 8)
  for at = 1, #padded, 64 do
    compress(state, padded, at)
  end
  local out = {}
  for i = 1, 8 do
    out[i] = word(state[i])
  end
  return concat(out)
end
local function mask(key, with)
  return (key:gsub(".", function(c) return char(xors[byte(c) * 256 + with]) end))
end
local function hmac(key, text)
  if #key > 64 then key = sha256(key) end
  key = key .. ("\0"):rep(64 - #key)
  return sha256(mask(key, 0x5c) .. sha256(mask(key, 0x36) .. text))
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local value = {}
for i = 1, 64 do
  value[alphabet:sub(i, i)] = i - 1
end
local function encode(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = byte(s, i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 0, c and 3 or b and 2 or 1 do
      local d = floor(n / 64 ^ (3 - k)) % 64 + 1
      out[#out + 1] = alphabet:sub(d, d)
    end
  end
  return concat(out)
end
local function decode(s)
  local out, bits, n = {}, 0, 0
  for c in s:gmatch(".") do
    n = n * 64 + value[c]
    bits = bits + 6
    if bits >= 8 then
      bits = bits - 8
      local p = power[bits]
      local b = floor(n / p)
      out[#out + 1] = char(b)
      n = n - b * p
    end
  end
  return concat(out)
end

local function sign(payload, key)
  local text = encode('{"alg":"HS256","typ":"JWT"}') .. "." .. encode(payload)
  return text .. "." .. encode(hmac(key, text))
end
local function check(token, key, now, scope)
  local head, payload, signature = token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
  if not head then return 400, "malformed" end
  if decode(head):match('"alg":"(%w+)"') ~= "HS256" then return 401, "algorithm" end
  if hmac(key, head .. "." .. payload) ~= decode(signature) then return 401, "signature" end
  local claims = {}
  for name, text, number in decode(payload):gmatch('"(%w+)":"?([^",}]*)"?(%d*)') do
    claims[name] = tonumber(text) or text .. number
  end
  if claims.exp < now then return 401, "expired" end
  if not (" " .. claims.scope .. " "):find(" " .. scope .. " ", 1, true) then return 403, "scope" end
  return 200, claims.sub
end

local tokens = {}
for i = 1, 10 do
  tokens[i] = sign(format('{"sub":"user%d","exp":%d,"scope":"read %s"}', i, i == 4 and 900 or 2000, i == 6 and "list" or "write"), "key of the service")
end
tokens[8] = tokens[8]:sub(1, -3) .. "AA"
local seen = {}
for i = 1, 100 do
  local status, what = check("" .. tokens[i % 10 + 1], "key of the service", 1000, "write")
  local key = status .. " " .. what
  seen[key] = (seen[key] or 0) + 1
end
local lines = {}
for k, n in pairs(seen) do
  lines[#lines + 1] = k .. " x" .. n
end
table.sort(lines)
local digest = sha256("abc"):gsub(".", function(c) return format("%02x", byte(c)) end)
print(digest, concat(lines, ", "))
