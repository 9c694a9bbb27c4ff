-- One huge array of small tables, written to all over.
local size = ...
local live, n = {}, 0
repeat
  for _ = 1, 10000 do
    n = n + 1
    live[n] = {n}
  end
until collectgarbage("count") >= size
local at = 1
return function()
  for _ = 1, 20000 do
    at = (at + 7919) % n + 1
    live[at] = {at}
  end
end
