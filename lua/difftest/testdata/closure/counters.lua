-- Closures keep their own upvalues.
local function counter(start, step)
  local n = start
  return function() n = n + step return n end, function() return n end
end
local inc, get = counter(10, 5)
local inc2, get2 = counter(0, 1)
print(inc(), inc(), get(), inc2(), get2(), get())
local fs = {}
for i = 1, 3 do fs[i] = {counter(i, i)} end
for i = 1, 3 do print(fs[i][1](), fs[i][1](), fs[i][2]()) end
