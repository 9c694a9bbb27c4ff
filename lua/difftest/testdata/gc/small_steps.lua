-- collectgarbage("step", n): a small step doesn't end a cycle, a large one does, and enough small ones do.
local function steps(size)
  collectgarbage()
  collectgarbage("stop")
  local kept = {}
  for i = 1, 200 do
    kept[i] = { {} }
    local _ = {}
  end
  local before, n = collectgarbage("count"), 0
  repeat n = n + 1 until collectgarbage("step", size)
  collectgarbage("restart")
  return n, collectgarbage("count") < before
end
local none, freed = steps(0)
print(none > 10, freed)
local some = steps(4)
print(some < none, some > 1)
print((steps(100000)))
print(collectgarbage("step", 1e6), collectgarbage("step", 1e9))
collectgarbage()
print(collectgarbage("step"), collectgarbage("step", -5))

-- Steps by hand keep up with what is allocated.
local limit = collectgarbage("count") + 4096
for i = 1, 200000 do
  local _ = { 1, 2, 3, 4, 5, 6, 7, i }
  if i % 10 == 0 then collectgarbage("step", 0) end
end
print(collectgarbage("count") < limit)
