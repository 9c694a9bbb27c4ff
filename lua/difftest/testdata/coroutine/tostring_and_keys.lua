-- Threads as values: equality, keys, tostring.
local a, b = coroutine.create(print), coroutine.create(print)
print(a == a, a == b, ({[a] = 1})[a], ({[a] = 1})[b], tostring(a):match("^thread: ") ~= nil)
print(pcall(function() return a + 1 end)) print(pcall(function() return a.x end))
print(pcall(function() a() end)) print(pcall(function() return #a end))
print(pcall(function() return a .. "" end))
