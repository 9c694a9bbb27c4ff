-- A sudoku solver with candidate sets.
local function solve(puzzle)
  local cells, rows, cols, boxes, guesses = {}, {}, {}, {}, 0
  for i = 1, 9 do rows[i], cols[i], boxes[i] = {}, {}, {} end
  local function box(r, c) return math.floor((r - 1) / 3) * 3 + math.floor((c - 1) / 3) + 1 end
  local function set(r, c, v, on) rows[r][v], cols[c][v], boxes[box(r, c)][v] = on, on, on end
  local empty = {}
  for i = 1, 81 do
    local r, c, v = math.floor((i - 1) / 9) + 1, (i - 1) % 9 + 1, tonumber(puzzle:sub(i, i))
    cells[i] = v or 0
    if v and v > 0 then set(r, c, v, true) else empty[#empty + 1] = {r, c, i} end
  end
  local function step()
    local best, bestn, at
    for k, e in ipairs(empty) do
      if not e.used then
        local n = 0
        for v = 1, 9 do if not rows[e[1]][v] and not cols[e[2]][v] and not boxes[box(e[1], e[2])][v] then n = n + 1 end end
        if not bestn or n < bestn then best, bestn = e, n end
        if n == 0 then return false end
      end
    end
    if not best then return true end
    best.used = true
    for v = 1, 9 do
      local r, c = best[1], best[2]
      if not rows[r][v] and not cols[c][v] and not boxes[box(r, c)][v] then
        guesses = guesses + 1
        set(r, c, v, true) cells[best[3]] = v
        if step() then return true end
        set(r, c, v, nil) cells[best[3]] = 0
      end
    end
    best.used = false
    return false
  end
  return step(), table.concat(cells), guesses
end
print(solve("530070000600195000098000060800060003400803001700020006060000280000419005000080079"))
print(solve("000000907000420180000705026100904000050000040000507009920108000034059000507000000"))
print(solve("550070000600195000098000060800060003400803001700020006060000280000419005000080079"))
