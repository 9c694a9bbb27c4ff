-- Conway's game of life on a torus.
local function grid(s)
  local g = {}
  for line in s:gmatch("[^\n]+") do local r = {} for c in line:gmatch(".") do r[#r + 1] = c == "#" and 1 or 0 end g[#g + 1] = r end
  return g
end
local function show(g)
  local out = {}
  for y, r in ipairs(g) do local l = {} for x, v in ipairs(r) do l[x] = v == 1 and "#" or "." end out[y] = table.concat(l) end
  return table.concat(out, "\n")
end
local function step(g)
  local h, w, n = #g, #g[1], {}
  for y = 1, h do
    n[y] = {}
    for x = 1, w do
      local s = 0
      for dy = -1, 1 do
        local row = g[(y + dy - 1) % h + 1] for dx = -1, 1 do if dx ~= 0 or dy ~= 0 then s = s + row[(x + dx - 1) % w + 1] end end
      end
      n[y][x] = (s == 3 or s == 2 and g[y][x] == 1) and 1 or 0
    end
  end
  return n
end
local g = grid ".#......\n..#.....\n###.....\n........\n........\n........\n........\n........"
print(show(g))
for i = 1, 4 do g = step(g) end
print(show(g))
local start = show(g)
for i = 1, 28 do g = step(g) end
print(show(g))
for i = 1, 4 do g = step(g) end
print(show(g) == start)
local r = grid ((("."):rep(30) .. "\n"):rep(30))
for _, p in ipairs {{15, 16}, {15, 17}, {16, 15}, {16, 16}, {17, 16}} do r[p[1]][p[2]] = 1 end
local pop = {}
for i = 1, 60 do
  r = step(r)
  if i % 10 == 0 then local c = 0 for _, row in ipairs(r) do for _, v in ipairs(row) do c = c + v end end pop[#pop + 1] = c end
end
print(table.concat(pop, " "))
