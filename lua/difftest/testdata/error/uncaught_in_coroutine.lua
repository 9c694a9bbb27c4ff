-- An error out of a wrapped coroutine reaches the top.
local gen = coroutine.wrap(function() coroutine.yield(1) error("inside the coroutine") end)
print(gen())
gen()
