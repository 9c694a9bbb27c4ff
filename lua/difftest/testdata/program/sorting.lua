-- Quicksort, merge sort, insertion, shell, heap, radix and counting sort agree.
local function qs(a, lo, hi)
  lo, hi = lo or 1, hi or #a
  if lo < hi then
    local p, i = a[math.floor((lo + hi) / 2)], lo
    local j = hi
    while i <= j do
      while a[i] < p do i = i + 1 end while a[j] > p do j = j - 1 end if i <= j then a[i], a[j] = a[j], a[i] i, j = i + 1, j - 1 end
    end
    qs(a, lo, j)
    qs(a, i, hi)
  end
  return a
end
local function ms(a)
  if #a < 2 then return a end
  local m, l, r = math.floor(#a / 2), {}, {}
  for i = 1, #a do if i <= m then l[i] = a[i] else r[i - m] = a[i] end end
  l, r = ms(l), ms(r)
  local o, i, j = {}, 1, 1
  while l[i] or r[j] do if not r[j] or l[i] and l[i] <= r[j] then o[#o + 1] = l[i] i = i + 1 else o[#o + 1] = r[j] j = j + 1 end end
  return o
end
local function ins(a)
  for i = 2, #a do local v, j = a[i], i - 1 while j > 0 and a[j] > v do a[j + 1] = a[j] j = j - 1 end a[j + 1] = v end return a
end
local function shell(a)
  local gap = math.floor(#a / 2)
  while gap > 0 do
    for i = gap + 1, #a do local v, j = a[i], i while j > gap and a[j - gap] > v do a[j] = a[j - gap] j = j - gap end a[j] = v end
    gap = math.floor(gap / 2)
  end
  return a
end
local function heap(a)
  local n = #a
  local function sift(i, m)
    while 2 * i <= m do
      local c = 2 * i if c < m and a[c + 1] > a[c] then c = c + 1 end if a[i] >= a[c] then return end a[i], a[c] = a[c], a[i] i = c
    end
  end
  for i = math.floor(n / 2), 1, -1 do sift(i, n) end
  for m = n, 2, -1 do a[1], a[m] = a[m], a[1] sift(1, m - 1) end
  return a
end
local function radix(a)
  local exp = 1
  while exp <= 10000 do
    local b = {}
    for i = 0, 9 do b[i] = {} end
    for _, v in ipairs(a) do local d = math.floor(v / exp) % 10 b[d][#b[d] + 1] = v end
    a = {}
    for i = 0, 9 do for _, v in ipairs(b[i]) do a[#a + 1] = v end end
    exp = exp * 10
  end
  return a
end
local function counting(a)
  local c, o = {}, {}
  for _, v in ipairs(a) do c[v] = (c[v] or 0) + 1 end
  for v = 0, 99999 do for _ = 1, c[v] or 0 do o[#o + 1] = v end end
  return o
end
local function std(a) table.sort(a) return a end
local function gen(n, seed)
  local a = {} for i = 1, n do seed = (seed * 1103515245 + 12345) % 2147483648 a[i] = math.floor(seed / 65536) % 10007 end return a
end
for _, n in ipairs {0, 1, 2, 3, 10, 300} do
  local want = table.concat(std(gen(n, n + 1)), ",")
  local r = {}
  for i, f in ipairs {qs, ms, ins, shell, heap, radix, counting} do r[i] = tostring(table.concat(f(gen(n, n + 1)), ",") == want) end
  print(n, table.concat(r, " "), want:sub(1, 40))
end
local cmp = 0
table.sort(gen(500, 9), function(a, b) cmp = cmp + 1 return a < b end)
print(cmp > 500 and cmp < 20000)
local recs = {}
for i = 1, 50 do recs[i] = {k = i % 5, i = i} end
table.sort(recs, function(a, b) if a.k ~= b.k then return a.k < b.k end return a.i > b.i end)
local o = {}
for i, r in ipairs(recs) do o[i] = r.k .. "." .. r.i end
print(table.concat(o, " "))
