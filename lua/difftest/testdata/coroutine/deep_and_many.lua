-- Yields from deep recursion; many coroutines alive at once.
local function deep(n) if n == 0 then return coroutine.yield("bottom") end return 1 + deep(n - 1) end
local co = coroutine.create(deep) print(coroutine.resume(co, 1000)) print(coroutine.resume(co, 5)) print(coroutine.status(co))
local cos = {}
for i = 1, 2000 do cos[i] = coroutine.wrap(function(a) local s = a while true do s = s + coroutine.yield(s) end end) cos[i](i) end
local sum = 0 for r = 1, 3 do for i = 1, 2000 do sum = sum + cos[i](r) end end print(sum)
local function nest(n) if n == 0 then return "deepest" end return coroutine.wrap(function() return nest(n - 1) end)() end print(nest(50))
local c = 0 for i = 1, 5000 do local w = coroutine.wrap(function() coroutine.yield() c = c + 1 end) w() w() end print(c)
