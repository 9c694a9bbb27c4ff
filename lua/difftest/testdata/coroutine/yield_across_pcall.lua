-- Yields inside pcall and xpcall, errors after them.
local co = coroutine.wrap(function()
  print(pcall(function() local v = coroutine.yield("in pcall") return "back", v end))
  print(pcall(function() coroutine.yield("before error") error("after yield") end))
  print(xpcall(function() coroutine.yield("in xpcall") error("E", 0) end, function(m) return "handled " .. m end))
  print(pcall(pcall, function() coroutine.yield("nested") error("deep", 0) end))
  print(pcall(coroutine.yield, "direct"))
  return "end"
end)
print(co()) print(co("v1")) print(co()) print(co()) print(co()) print(co("d1", "d2"))
