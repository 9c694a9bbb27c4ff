-- status: suspended, running, normal, dead.
local co1, co2
co1 = coroutine.create(function()
  print(coroutine.status(co1), coroutine.status(co2)) coroutine.resume(co2) print(coroutine.status(co2))
end)
co2 = coroutine.create(function() print(coroutine.status(co1), coroutine.status(co2)) end)
print(coroutine.status(co1), coroutine.status(co2)) coroutine.resume(co1) print(coroutine.status(co1), coroutine.status(co2))
local err = coroutine.create(function() error("x") end) coroutine.resume(err) print(coroutine.status(err))
print(pcall(function() return (coroutine.status()) end)) print(pcall(function() return (coroutine.status(5)) end))
local y = coroutine.create(function() coroutine.yield() end) coroutine.resume(y) print(coroutine.status(y))
