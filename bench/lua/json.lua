-- JSON encoder and decoder in plain Lua: a document of records goes to text and back, 120 times.
local byte, char, find, format, gsub, match, sub = string.byte, string.char, string.find, string.format, string.gsub, string.match, string.sub
local concat, floor, sort = table.concat, math.floor, table.sort

local named = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}
local function escape(c) return named[c] or format("\\u%04x", byte(c)) end
local function quote(s) return '"' .. gsub(s, '[%c"\\]', escape) .. '"' end

local encodeTo
local function encodeArray(a, out, n)
  out[n] = "["
  for i = 1, #a do
    if i > 1 then
      n = n + 1
      out[n] = ","
    end
    n = encodeTo(a[i], out, n + 1)
  end
  n = n + 1
  out[n] = "]"
  return n
end
local function encodeObject(t, out, n)
  local keys = {}
  for k in pairs(t) do
    keys[#keys + 1] = k
  end
  sort(keys)
  out[n] = "{"
  for i, k in ipairs(keys) do
    if i > 1 then
      n = n + 1
      out[n] = ","
    end
    out[n + 1] = quote(k)
    out[n + 2] = ":"
    n = encodeTo(t[k], out, n + 3)
  end
  n = n + 1
  out[n] = "}"
  return n
end
-- Writes v's text at out[n] and behind, returns where it ends.
function encodeTo(v, out, n)
  local kind = type(v)
  if kind == "table" then
    if v[1] ~= nil or next(v) == nil then return encodeArray(v, out, n) end
    return encodeObject(v, out, n)
  elseif kind == "string" then
    out[n] = quote(v)
  elseif kind == "number" then
    out[n] = v == floor(v) and format("%d", v) or format("%.6g", v)
  else
    out[n] = tostring(v)
  end
  return n
end
local function encode(v)
  local out = {}
  encodeTo(v, out, 1)
  return concat(out)
end

local function bad(s, at) error("bad JSON at " .. at .. ": " .. sub(s, at, at + 10)) end
local function skip(s, at) return find(s, "[^ \n\r\t]", at) or #s + 1 end
local plain = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}
local function unescape(c) return plain[c] or c end
local function code(hex)
  local n = tonumber(hex, 16)
  if n < 128 then return char(n) end
  if n < 2048 then return char(192 + floor(n / 64), 128 + n % 64) end
  return char(224 + floor(n / 4096), 128 + floor(n / 64) % 64, 128 + n % 64)
end
local function decodeString(s, at)
  local from = at + 1
  local stop = from
  while true do
    local hit = find(s, '["\\]', stop)
    if not hit then bad(s, at) end
    if byte(s, hit) == 34 then
      local text = sub(s, from, hit - 1)
      if find(text, "\\", 1, true) then
        text = gsub(gsub(text, "\\u(%x%x%x%x)", code), "\\(.)", unescape)
      end
      return text, hit + 1
    end
    stop = hit + 2
  end
end
local words = {t = {"true", true}, f = {"false", false}, n = {"null", nil}}
-- The value at s[at] and where the text goes on.
local function decodeValue(s, at)
  local c = sub(s, at, at)
  if c == '"' then return decodeString(s, at) end
  if c == "{" then
    local t = {}
    at = skip(s, at + 1)
    if byte(s, at) == 125 then return t, at + 1 end
    while true do
      if byte(s, at) ~= 34 then bad(s, at) end
      local k
      k, at = decodeString(s, at)
      at = skip(s, at)
      if byte(s, at) ~= 58 then bad(s, at) end
      t[k], at = decodeValue(s, skip(s, at + 1))
      at = skip(s, at)
      local d = byte(s, at)
      if d == 125 then return t, at + 1 end
      if d ~= 44 then bad(s, at) end
      at = skip(s, at + 1)
    end
  end
  if c == "[" then
    local a, n = {}, 0
    at = skip(s, at + 1)
    if byte(s, at) == 93 then return a, at + 1 end
    while true do
      n = n + 1
      a[n], at = decodeValue(s, at)
      at = skip(s, at)
      local d = byte(s, at)
      if d == 93 then return a, at + 1 end
      if d ~= 44 then bad(s, at) end
      at = skip(s, at + 1)
    end
  end
  local word = words[c]
  if word and sub(s, at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  local number = match(s, "^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if not number then bad(s, at) end
  return tonumber(number), at + #number
end

local records = {}
for i = 1, 30 do
  records[i] = {
    id = i, name = "user " .. i, active = i % 3 == 0, score = i * 1.25, tags = {"a" .. i, "b\"" .. i, "line\n" .. i},
    address = {street = i .. " Main \\ Street", zip = 10000 + i * 7, geo = {i / 8, -i / 4}},
  }
end
local document = {total = #records, records = records, note = "caf\195\169\1"}
local first = encode(document)
local bytes = 0
for _ = 1, 120 do
  local text = encode(document)
  document = decodeValue(text, 1)
  bytes = bytes + #text
end
assert(encode(document) == first)
print(bytes, document.total, document.records[7].address.zip, #document.note)
