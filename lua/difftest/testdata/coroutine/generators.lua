-- Producers, filters, consumers; permutations; tree walks.
local function gen(n) return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end) end
local function filter(p, g) return coroutine.wrap(function() for n in g do if n % p ~= 0 then coroutine.yield(n) end end end) end
local function primes(n)
  local r, g = {}, gen(n) while true do local p = g() if not p then return r end r[#r + 1] = p g = filter(p, g) end
end
print(table.concat(primes(60), " "))
local function walk(t)
  return coroutine.wrap(function() local function go(n) if n then go(n.l) coroutine.yield(n.v) go(n.r) end end go(t) end)
end
local tree = {v = 4, l = {v = 2, l = {v = 1}, r = {v = 3}}, r = {v = 6, r = {v = 7}}}
local out = {}
for v in walk(tree) do out[#out + 1] = v end
print(table.concat(out, " "))
local function zip(a, b) return function() local x, y = a(), b() if x and y then return x, y end end end
for x, y in zip(gen(5), coroutine.wrap(function()
  for c in ("abcdef"):gmatch(".") do coroutine.yield(c) end
end)) do
  io.write(x, y, " ")
end
print()
