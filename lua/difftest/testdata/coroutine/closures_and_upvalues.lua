-- Upvalues shared between a coroutine's stack and closures outside it.
local get, set
local co = coroutine.create(function()
  local v = 1 get = function() return v end set = function(x) v = x end coroutine.yield(v) v = v + 1 coroutine.yield(v) return v
end)
print(coroutine.resume(co))
set(10)
print(get()) print(coroutine.resume(co)) print(get())
set(50)
print(coroutine.resume(co)) print(get())
set(7)
print(get())
local shared = 0
local function worker(n) return coroutine.wrap(function() for i = 1, n do shared = shared + 1 coroutine.yield(shared) end end) end
local a, b = worker(3), worker(3) print(a(), b(), a(), b(), a(), b(), shared)
