-- One huge hash table with strings as keys and values: entries come and go, and the string table with them.
local size = ...
local live, n, first = {}, 0, 1
local function add()
  n = n + 1
  live["key:" .. n] = "the value of key " .. n
end
repeat
  for _ = 1, 10000 do
    add()
  end
until collectgarbage("count") >= size
return function()
  for _ = 1, 10000 do
    live["key:" .. first] = nil
    first = first + 1
    add()
  end
end
