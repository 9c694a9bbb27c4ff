-- Backtracking over arrays of booleans: all placements of 11 queens.
local n = 11
local column, up, down = {}, {}, {}
local solutions, tried = 0, 0
local function place(row)
  if row > n then
    solutions = solutions + 1
    return
  end
  for c = 1, n do
    local u, d = row + c, row - c + n
    if not (column[c] or up[u] or down[d]) then
      column[c], up[u], down[d] = true, true, true
      tried = tried + 1
      place(row + 1)
      column[c], up[u], down[d] = false, false, false
    end
  end
end
place(1)
print(solutions, tried)
