-- Yields that LuaJIT refuses: inside sort, gsub, and other builtins that call back.
local function try(f) print(coroutine.resume(coroutine.create(f))) end
try(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end)
try(function() return (("abc"):gsub(".", function() coroutine.yield() end)) end)
try(function() return load(function() coroutine.yield() end) end)
