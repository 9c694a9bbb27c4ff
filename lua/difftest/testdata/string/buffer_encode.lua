-- string.buffer: the serialization format, byte for byte, and what is refused.
local buffer = require "string.buffer"
local encode, decode = buffer.encode, buffer.decode
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function bin(s) return (s:gsub("%s", ""):gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end
for _, v in ipairs { "", "abc", "\0\255", ("x"):rep(200), 0, 1, -1, 127, 128, 1.5, -0.0, 2^31, 2^31 - 1, -2^31, 2^53, 1e300, 5e-324, 1/0, -1/0, 0/0, true, false,
  {}, { 1, 2, 3 }, { a = 1 }, { 1, 2, x = 3 }, { [0] = 5, 6, 7 }, { 1, nil, 3 }, { [1.5] = 2 }, { [true] = 1 }, { [-1] = "m" }, { {}, { {} } }, { a = { b = { c = {} } } } } do
  print(hex(encode(v)))
end
print(hex(encode(nil)), hex(encode(nil, 1)), hex(encode(setmetatable({ 1 }, { __index = { 2 } }))))
for _, n in ipairs { 190, 191, 192, 193, 300, 8000, 8128, 8127, 8159, 8160, 8161, 0x10000, 130000 } do
  local s = encode(("y"):rep(n)) print(n, hex(s:sub(1, 6)), #s, #decode(s))
end
local function fails(...) print(select(2, pcall(...))) end
fails(encode) fails(encode, print) fails(encode, { print }) fails(encode, coroutine.create(print)) fails(encode, newproxy()) fails(encode, io.stdout) fails(encode, { [print] = 1 })
fails(encode, buffer.new()) fails(function() return encode(print) end) fails(function() return decode("") end)
local t = {} t.t = t fails(encode, t)
local function nest(n) local t = {} for _ = 2, n do t = { t } end return t end
print(#encode(nest(100))) fails(encode, nest(101))
print(type(decode(encode(nest(100))))) fails(decode, ("\12\2"):rep(100) .. "\8")
for _, s in ipairs { "", "00", "01", "02", "0000", "06", "07", "0600000080", "06ffffff7f", "06000000", "07000000000000f03f", "07000000000000f8ff", "07ffffffffffffffff",
  "08", "09", "0900", "0901", "090121", "09012161", "0901216101", "090121610121", "09022161012161 02", "0a", "0a00", "0a01", "0a0102", "0a020201", "0c", "0c00", "0c01", "0c0102", "0c020 1",
  "0b0201010107000000000000f03f02", "0d", "0d02", "0d020100", "0d0201010107000000000000f03f", "0d0201 01 07000000000000f03f 02", "0901 00 02", "0901 07000000000000f87f 02", "090121610 0",
  "0e", "0e00", "0e0008", "0f", "0f00", "0f05", "13", "14", "1f", "20", "21", "2161", "216162", "e0", "e000", "ff", "ff0000", "ffff00000000", "0affffffffff", "09ffffffffff", "090221610021 6201" } do
  local ok, v = pcall(decode, bin(s))
  if type(v) == "table" then
    local n, text = 0, {} for k, x in pairs(v) do n = n + 1 text[n] = tostring(k) .. "=" .. tostring(x) end
    table.sort(text) v = "{" .. table.concat(text, ",") .. "}"
  end
  print(s, ok, type(v), v)
end
fails(decode) fails(decode, {}) fails(decode, 5)
-- In a buffer: one after the other.
local b = buffer.new() print(b:encode(1):encode("x"):encode({ 1 }):encode(nil) == b, #b)
print(b:decode(), b:decode(), b:decode()[1], b:decode(), #b) fails(b.decode, b) fails(b.encode, b) fails(b.encode, 1, 1) fails(b.decode)
b:put("rest"):encode(true) print(pcall(b.decode, b)) print(#b)
b:reset():encode("kept"):encode({ 1, 2 }) local before = #b
local ok = pcall(b.encode, b, { 1, print }) print(ok, #b == before, b:decode())
-- Dictionaries.
local m1, m2 = { __index = { from = "m1" } }, { __tostring = function() return "m2" end }
local options = { dict = { "foo", "bar", false, "baz", "foo" }, metatable = { m1, m2 } }
b = buffer.new(options)
for _, v in ipairs { "foo", { foo = 1 }, { bar = "foo" }, { baz = true }, { qux = 1 }, setmetatable({ 1 }, m1), setmetatable({}, m2), setmetatable({}, {}), { setmetatable({ foo = 1 }, m2) } } do
  b:encode(v) local s = b:tostring() local d = b:decode()
  print(hex(s), #b, type(d), getmetatable(d) == getmetatable(v), type(d) == "table" and d.foo, type(d) == "table" and d.from)
end
for _, s in ipairs { "0f00", "0f02", "0f04", "0f05", "0f10", "0e0008", "0e0108", "0e0208", "0e00", "0e0001", "0e000e0008", "09010f0001" } do
  b:reset():put(bin(s)) local ok, v = pcall(b.decode, b) print(s, ok, type(v) == "table" and "table" or v, type(v) == "table" and (getmetatable(v) == m1) or "")
end
local plain = buffer.new() plain:put(bin "09010f0001") fails(plain.decode, plain)
print(buffer.new(0, options):encode { foo = 2 }:tostring() == buffer.new(options):encode { foo = 2 }:tostring(), #options.dict)
