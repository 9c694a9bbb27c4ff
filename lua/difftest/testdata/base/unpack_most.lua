-- unpack gives no more results than fit, with its arguments, on a C function's stack.
local t = {}
for i = 1, 8100 do t[i] = i end
for n = 7990, 8005 do
  print(n, pcall(function() return select("#", unpack(t, 1, n)) end))
  print(n, pcall(function() return select("#", unpack(t, 101, n + 100)) end))
end
for i = #t, 7999, -1 do t[i] = nil end
print(pcall(function() return select("#", unpack(t)) end)) t[7999] = 1
print(pcall(function() return select("#", unpack(t)) end)) t[8000] = 1
print(pcall(function() return select("#", unpack(t)) end))
