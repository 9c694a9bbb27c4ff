-- Calls of a closure that updates its upvalue, 1e7 times; and 1e6 new closures.
local function counter()
  local n = 0
  return function() n = n + 1 return n end
end
local f = counter()
for _ = 1, 1e7 do
  f()
end
local sum = 0
for _ = 1, 1e6 do
  sum = sum + counter()()
end
print(f(), sum)
