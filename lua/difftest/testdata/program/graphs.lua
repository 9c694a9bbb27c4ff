-- Topological sort, Dijkstra, BFS, connected components, cycle detection.
local function topo(g)
  local state, out = {}, {}
  local function visit(n, path)
    if state[n] == 2 then return end
    if state[n] == 1 then error("cycle: " .. table.concat(path, ">") .. ">" .. n, 0) end
    state[n] = 1
    path[#path + 1] = n
    for _, m in ipairs(g[n] or {}) do visit(m, path) end
    path[#path] = nil
    state[n] = 2
    out[#out + 1] = n
  end
  local keys = {}
  for k in pairs(g) do keys[#keys + 1] = k end
  table.sort(keys)
  for _, k in ipairs(keys) do visit(k, {}) end
  return out
end
print(table.concat(topo {app = {"lib", "log"}, lib = {"core"}, log = {"core", "io"}, core = {}, io = {"core"}}, " "))
print(pcall(topo, {a = {"b"}, b = {"c"}, c = {"a"}})) print(pcall(topo, {x = {"x"}}))
local function dijkstra(g, s)
  local dist, prev, done = {[s] = 0}, {}, {}
  while true do
    local u for n, dd in pairs(dist) do if not done[n] and (not u or dd < dist[u] or dd == dist[u] and n < u) then u = n end end
    if not u then return dist, prev end
    done[u] = true
    for v, w in pairs(g[u] or {}) do local nd = dist[u] + w if not dist[v] or nd < dist[v] then dist[v], prev[v] = nd, u end end
  end
end
local g = {A = {B = 7, C = 9, F = 14}, B = {A = 7, C = 10, D = 15}, C = {A = 9, B = 10, D = 11, F = 2}, D = {B = 15, C = 11, E = 6},
  E = {D = 6, F = 9}, F = {A = 14, C = 2, E = 9}}
local dist, prev = dijkstra(g, "A")
for _, n in ipairs {"A", "B", "C", "D", "E", "F"} do
  local path, x = {}, n while x do table.insert(path, 1, x) x = prev[x] end print(n, dist[n], table.concat(path, "-"))
end
local maze = {"S.#.....", "..#.###.", ".##.#...", "....#.#.", ".##...#E"}
local function bfs(m)
  local q, head, seen, sx, sy = {}, 1, {}, nil, nil
  for y, r in ipairs(m) do local x = r:find("S") if x then sx, sy = x, y end end
  q[1] = {sx, sy, 0}
  seen[sy * 100 + sx] = true
  while q[head] do
    local x, y, dd = unpack(q[head])
    head = head + 1
    if m[y]:sub(x, x) == "E" then return dd, #q end
    for _, o in ipairs {{1, 0}, {-1, 0}, {0, 1}, {0, -1}} do
      local nx, ny = x + o[1], y + o[2]
      local c = m[ny] and nx > 0 and m[ny]:sub(nx, nx) or ""
      if c ~= "" and c ~= "#" and not seen[ny * 100 + nx] then seen[ny * 100 + nx] = true q[#q + 1] = {nx, ny, dd + 1} end
    end
  end
end
print(bfs(maze))
local parent = {}
local function find(x)
  parent[x] = parent[x] or x while parent[x] ~= x do parent[x] = parent[parent[x]] x = parent[x] end return x
end
for _, e in ipairs {{1, 2}, {3, 4}, {2, 3}, {5, 6}, {7, 7}} do parent[find(e[1])] = find(e[2]) end
local comp = {}
for i = 1, 8 do comp[find(i)] = (comp[find(i)] or 0) + 1 end
local sizes = {}
for _, n in pairs(comp) do sizes[#sizes + 1] = n end
table.sort(sizes)
print(table.concat(sizes, " "))
