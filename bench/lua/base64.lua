-- Base64 in plain Lua, three bytes to four characters through tables and back: 1,500 round trips of 300 bytes.
local byte, char, floor, concat = string.byte, string.char, math.floor, table.concat
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local digit, value = {}, {}
for i = 0, 63 do
  digit[i] = alphabet:sub(i + 1, i + 1)
  value[byte(alphabet, i + 1)] = i
end
local function encode(s)
  local out, n = {}, 0
  local len = #s
  for i = 1, len - 2, 3 do
    local a, b, c = byte(s, i, i + 2)
    local word = a * 65536 + b * 256 + c
    n = n + 1
    out[n] = digit[floor(word / 262144)] .. digit[floor(word / 4096) % 64] .. digit[floor(word / 64) % 64] .. digit[word % 64]
  end
  local rest = len % 3
  if rest == 1 then
    local a = byte(s, len)
    out[n + 1] = digit[floor(a / 4)] .. digit[a % 4 * 16] .. "=="
  elseif rest == 2 then
    local a, b = byte(s, len - 1, len)
    out[n + 1] = digit[floor(a / 4)] .. digit[a % 4 * 16 + floor(b / 16)] .. digit[b % 16 * 4] .. "="
  end
  return concat(out)
end
local function decode(s)
  local out, n = {}, 0
  local len = #s
  local pad = s:sub(-2) == "==" and 2 or s:sub(-1) == "=" and 1 or 0
  for i = 1, len, 4 do
    local a, b, c, d = byte(s, i, i + 3)
    local word = value[a] * 262144 + value[b] * 4096 + (value[c] or 0) * 64 + (value[d] or 0)
    n = n + 1
    out[n] = char(floor(word / 65536), floor(word / 256) % 256, word % 256)
  end
  if pad > 0 then out[n] = out[n]:sub(1, 3 - pad) end
  return concat(out)
end
local parts = {}
for i = 1, 300 do
  parts[i] = char(i * 73 % 256)
end
local data = concat(parts)
local bytes, sum = 0, 0
for i = 1, 1500 do
  local plain = data:sub(1, 300 - i % 3)
  local text = encode(plain)
  if decode(text) ~= plain then error("round trip " .. i) end
  bytes = bytes + #text
  sum = sum + byte(text, i % #text + 1)
end
print(bytes, sum)
