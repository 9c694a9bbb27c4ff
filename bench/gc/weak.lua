-- A cache with weak values and a table with weak keys, both as large as what keeps their entries alive.
local size = ...
local cache, notes = setmetatable({}, {__mode = "v"}), setmetatable({}, {__mode = "k"})
local live, n = {}, 0
local function add(i)
  local o = {i}
  live[i] = o
  cache["k" .. i] = o
  notes[o] = true
end
repeat
  for _ = 1, 1000 do
    n = n + 1
    add(n)
  end
until collectgarbage("count") >= size
local at = 0
return function()
  for _ = 1, 5000 do
    at = at % n + 1
    add(at)
  end
end
