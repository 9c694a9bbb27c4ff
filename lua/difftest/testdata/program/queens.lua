-- The n-queens problem, by backtracking and by bits.
local function solve(n)
  local count, first = 0, nil
  local cols, d1, d2, pos = {}, {}, {}, {}
  local function place(r)
    if r > n then count = count + 1 first = first or table.concat(pos, " ") return end
    for c = 1, n do
      if not cols[c] and not d1[r + c] and not d2[r - c] then
        cols[c], d1[r + c], d2[r - c], pos[r] = true, true, true, c
        place(r + 1)
        cols[c], d1[r + c], d2[r - c], pos[r] = nil, nil, nil, nil
      end
    end
  end
  place(1)
  return count, first
end
for n = 1, 7 do print(n, solve(n)) end
local band, bor, lshift, rshift, bnot = bit.band, bit.bor, bit.lshift, bit.rshift, bit.bnot
local function bits(n)
  local all, count = lshift(1, n) - 1, 0
  local function go(c, l, r)
    if c == all then count = count + 1 return end
    local free = band(all, bnot(bor(c, l, r)))
    while free ~= 0 do
      local p = band(free, -free)
      free = free - p
      go(bor(c, p), lshift(bor(l, p), 1), rshift(bor(r, p), 1))
    end
  end
  go(0, 0, 0)
  return count
end
print(bits(8), bits(9))
