-- Builtins that an engine may do in place: edge values, wrong types, missing and extra arguments, every way to take the results.
local floor, ceil, abs, sqrt, max, min = math.floor, math.ceil, math.abs, math.sqrt, math.max, math.min
local byte, len, type = string.byte, string.len, type
local band, bor, bxor, bnot, tobit = bit.band, bit.bor, bit.bxor, bit.bnot, bit.tobit
local lshift, rshift, arshift = bit.lshift, bit.rshift, bit.arshift
local nan, inf = 0/0, math.huge
local numbers = {0, -0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, 3.5, 255, 1e15, -1e15 + 0.5, 2^31, -2^31, 2^31 - 1, 2^32, 2^32 + 1, 2^51 - 1,
  2^53, 2^62, -2^62, 2^63, -2^63, 1e300, -1e300, inf, -inf, nan, 5e-324, -5e-324, "7", "-2.5", "0x10", "x", "", true, false}
local function show(v)
  if v ~= v then return "nan" end
  if v == 0 then return 1 / v < 0 and "-0" or "0" end
  if type(v) == "number" then return ("%.17g"):format(v) end
  return tostring(v)
end
local function try(name, f, ...)
  local function report(ok, ...)
    local t = {name}
    for i = 1, select("#", ...) do t[i + 1] = show((select(i, ...))) end
    print(ok, table.concat(t, " "))
  end
  report(pcall(f, ...))
end
local ones = {
  {"floor", function(x) local r = floor(x) return r end},
  {"ceil", function(x) local r = ceil(x) return r end},
  {"abs", function(x) local r = abs(x) return r end},
  {"sqrt", function(x) local r = sqrt(x) return r end},
  {"len", function(x) local r = len(x) return r end},
  {"type", function(x) local r = type(x) return r end},
  {"byte", function(x) local r = byte(x) return r end},
}
for _, e in ipairs(ones) do
  for i = 1, #numbers do try(e[1], e[2], numbers[i]) end
  try(e[1], e[2])
  try(e[1], e[2], nil)
  try(e[1], e[2], {})
  try(e[1], e[2], print)
end
local ints = {0, 1, -1, 31, 32, 33, 255, 2^31, -2^31, 2^31 - 1, 2^32 - 1, 0.5, 1.5, 2.5, -0.5, "5", "x", nan}
for i = 1, #ints do
  local x = ints[i]
  if x == x then
    try("tobit", function(v) local r = tobit(v) return r end, x)
    try("bnot", function(v) local r = bnot(v) return r end, x)
  end
  for j = 1, #ints do
    local y = ints[j]
    if x == x and y == y then
      try("band", function(a, b) local r = band(a, b) return r end, x, y)
      try("bor", function(a, b) local r = bor(a, b) return r end, x, y)
      try("bxor", function(a, b) local r = bxor(a, b) return r end, x, y)
      try("lshift", function(a, b) local r = lshift(a, b) return r end, x, y)
      try("rshift", function(a, b) local r = rshift(a, b) return r end, x, y)
      try("arshift", function(a, b) local r = arshift(a, b) return r end, x, y)
    end
    try("max", function(a, b) local r = max(a, b) return r end, x, y)
    try("min", function(a, b) local r = min(a, b) return r end, x, y)
  end
end
try("max0", function() local r = max() return r end)
try("max1", function() local r = max(3) return r end)
try("max3", function() local r = max(3, 9, 5) return r end)
try("min3", function() local r = min(3, 1, "0") return r end)
try("max -0", function() return max(0, -0), max(-0, 0), min(0, -0), min(-0, 0) end)
try("band1", function() local r = band(0xFFFFFFFF) return r end)
try("band3", function() local r = band(15, 6, 12) return r end)
try("lshift1", function() local r = lshift(1) return r end)
try("lshift3", function() local r = lshift(1, 4, 9) return r end)
for _, s in ipairs {"", "a", "abc", "\0\255"} do
  for _, i in ipairs {-4, -1, 0, 1, 2, 3, 4, 1.5, 2^31, 2^53, inf, "2", "x"} do
    try("byte", function() local r = byte(s, i) return r end)
    try("byte open", function() return byte(s, i) end)
  end
  try("byte nan", function() local r = byte(s, nil) return r end)
  try("byte 3", function() return byte(s, 1, 3) end)
end
-- Every number of results that a call can be asked for.
local a, b, c = floor(2.5)
print(a, b, c)
local d, e = byte("xyz", 2)
print(d, e)
floor(1.5) type(1) byte("a") band(1, 2)
print(floor(7.9), floor(8.9))
print((floor(7.9)))
local t = {floor(1.1), floor(2.2), type(nil)}
print(#t, t[1], t[2], t[3])
print(select("#", type(1)), select("#", byte("", 1)), select("#", len("abc")))
local function tail(x) return floor(x) end
print(tail(3.7), (tail(4.7)))
local function vararg(...) return floor(...), len(...), type(...) end
print(vararg("12"))
print(floor(1.5, "extra"), type("a", 1, 2), len("abc", {}))
-- Types of everything.
print(type(1), type(nan), type("s"), type({}), type(print), type(function() end), type(true), type(false), type(nil), type(coroutine.create(print)), type(io.stdout))
-- The errors name function and argument, and have the caller's line.
print(pcall(function() local r = floor({}) return r end))
print(pcall(function() local r = byte() return r end))
print(pcall(function() local r = type() return r end))
print(pcall(function() local r = band(1, "z") return r end))
print(pcall(function() local r = math.max(1, {}) return r end))
-- A builtin replaced under its name is the other one.
math.floor = function() return "mine" end
print(math.floor(1.5), floor(1.5))
-- As metamethods and iterators.
local mt = setmetatable({}, {__index = type, __call = type, __len = len, __unm = floor})
print(mt.x, mt(1), pcall(function() return -mt end))
for v in type, 1, 2 do print(v) break end
