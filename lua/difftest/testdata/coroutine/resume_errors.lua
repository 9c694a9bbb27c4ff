-- Resuming what can't be resumed.
local dead = coroutine.create(function() end) coroutine.resume(dead)
print(coroutine.resume(dead)) print(coroutine.resume(dead, 1, 2))
local self self = coroutine.create(function() return coroutine.resume(self) end) print(coroutine.resume(self))
local outer, inner
outer = coroutine.create(function() return coroutine.resume(inner) end)
inner = coroutine.create(function() return coroutine.resume(outer) end)
print(coroutine.resume(outer))
local w w = coroutine.wrap(function() return w() end) print(pcall(w))
local o2, i2 o2 = coroutine.wrap(function() return i2() end) i2 = coroutine.wrap(function() return o2() end) print(pcall(o2))
for _, src in ipairs {"coroutine.resume()", "coroutine.resume(5)", "coroutine.create()", "coroutine.create({})", "coroutine.wrap()",
  "coroutine.wrap('x')", "coroutine.status('x')", "coroutine.yield()"} do
  print(src, select(2, pcall(loadstring("return (" .. src .. ")", "=c"))))
end
