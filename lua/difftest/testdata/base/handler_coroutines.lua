-- Message handlers and coroutines: each thread has its own; an xpcall inside of a handler has none.
print(xpcall(error, function(m)
  local co = coroutine.wrap(function() return xpcall(error, function(e) return "inner " .. tostring(e) end, "x") end)
  local ok, v = co()
  return tostring(m) .. " " .. tostring(ok) .. " " .. tostring(v)
end, "y"))
-- and in a coroutine resumed by the handler's own coroutine, whose error is not caught
print(xpcall(error, function(m)
  local co = coroutine.create(function() error("deep", 0) end)
  local ok, v = coroutine.resume(co)
  return tostring(ok) .. " " .. v
end, "z"))
-- the same thread: an xpcall inside of a handler
print(xpcall(error, function(m)
  local ok, v = xpcall(error, function(e) return "inner " .. tostring(e) end, "x")
  return tostring(ok) .. " " .. tostring(v)
end, "w"))
-- afterwards handlers work again
print(xpcall(error, function(m) return "h " .. m end, "v"))
-- a coroutine that yields out of an xpcall that a handler resumed
local co = coroutine.create(function() return xpcall(function() coroutine.yield(1) error("late", 0) end, function(e) return "late handler " .. e end) end)
print(xpcall(error, function(m) coroutine.resume(co) return m end, "u"))
print(coroutine.resume(co))
