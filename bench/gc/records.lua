-- Many small objects: records with strings and a list each, of which the mutator replaces one after the other.
local size = ...
local live, n = {}, 0
local function record(i)
  return {id = i, name = "record " .. i, tags = {"a", "b" .. i % 100, i}, score = i / 3}
end
repeat
  for _ = 1, 1000 do
    n = n + 1
    live[n] = record(n)
  end
until collectgarbage("count") >= size
local at = 0
return function()
  for _ = 1, 5000 do
    at = at % n + 1
    live[at] = record(at + n)
  end
end
