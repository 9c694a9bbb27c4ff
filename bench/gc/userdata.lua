-- Userdata with a __gc metamethod, which are dropped and finalized.
local size = ...
local finalized = 0
local prototype = newproxy(true)
getmetatable(prototype).__gc = function() finalized = finalized + 1 end
local live, n = {}, 0
repeat
  for _ = 1, 1000 do
    n = n + 1
    live[n] = {newproxy(prototype), "object " .. n}
  end
until collectgarbage("count") >= size
local at = 0
return function()
  for _ = 1, 5000 do
    at = at % n + 1
    live[at] = {newproxy(prototype), "object " .. at}
  end
end
