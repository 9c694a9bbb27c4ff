-- Permutations, combinations and subsets through coroutines.
local function permgen(a, n)
  if n <= 1 then coroutine.yield(a) else for i = 1, n do a[n], a[i] = a[i], a[n] permgen(a, n - 1) a[n], a[i] = a[i], a[n] end end
end
local function permutations(a) return coroutine.wrap(function() permgen(a, #a) end) end
for p in permutations {"a", "b", "c"} do io.write(table.concat(p), " ") end print()
local n, sum = 0, 0 for p in permutations {1, 2, 3, 4, 5, 6} do n = n + 1 if p[1] < p[6] then sum = sum + p[3] end end print(n, sum)
local function combos(list, k)
  return coroutine.wrap(function()
    local pick = {}
    local function go(i, d)
      if d > k then coroutine.yield(table.concat(pick, "")) return end for j = i, #list do pick[d] = list[j] go(j + 1, d + 1) end
    end
    go(1, 1)
  end)
end
for c in combos({"a", "b", "c", "d"}, 2) do io.write(c, " ") end print()
local cnt = 0 for _ in combos({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5) do cnt = cnt + 1 end print(cnt)
local function subsets(list)
  return coroutine.wrap(function()
    for m = 0, 2 ^ #list - 1 do
      local s = {}
      for i = 1, #list do if math.floor(m / 2 ^ (i - 1)) % 2 == 1 then s[#s + 1] = list[i] end end
      coroutine.yield(m, "{" .. table.concat(s, ",") .. "}")
    end
  end)
end
for m, s in subsets {"x", "y", "z"} do io.write(m, s, " ") end print()
local function product(a, b) return coroutine.wrap(function() for x in a() do for y in b() do coroutine.yield(x, y) end end end) end
local function range(n) return function() return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end end
for x, y in product(range(3), range(2)) do io.write(x, ":", y, " ") end print()
