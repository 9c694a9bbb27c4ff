-- Yields inside callbacks of builtins that let them through.
local function try(f) print(coroutine.resume(coroutine.create(f))) end
try(function() table.foreach({1}, function() coroutine.yield("foreach") end) end)
try(function() table.foreachi({1}, function() coroutine.yield("foreachi") end) end)
try(function() return tostring(setmetatable({}, {__tostring = function() coroutine.yield() return "x" end})) end)
