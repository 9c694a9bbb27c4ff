-- running, isyieldable, in main and inside.
print(coroutine.isyieldable())
local co
co = coroutine.create(function()
  print(coroutine.running() == co, coroutine.isyieldable(), select("#", coroutine.running()))
  local inner = coroutine.wrap(function() return coroutine.running() ~= co, coroutine.isyieldable() end)
  print(inner())
end)
print(coroutine.resume(co))
print(pcall(coroutine.yield, 1)) print(pcall(function() coroutine.yield() end))
