-- Errors inside coroutines: position, values, what survives.
print(coroutine.resume(coroutine.create(function() error("msg") end)))
print(coroutine.resume(coroutine.create(function() error("msg", 0) end)))
print(coroutine.resume(coroutine.create(function() local x; x() end)))
local t = {} local ok, e = coroutine.resume(coroutine.create(function() error(t) end)) print(ok, e == t)
print(coroutine.resume(coroutine.create(function() error() end)))
local co = coroutine.create(function() local ok, e = pcall(error, "caught") coroutine.yield(e) error("not caught") end)
print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.resume(co))
local state = {}
co = coroutine.create(function() state.x = 1 coroutine.yield() state.x = 2 error("e") state.x = 3 end)
coroutine.resume(co)
coroutine.resume(co)
print(state.x, coroutine.status(co))
