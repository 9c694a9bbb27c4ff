-- Tracebacks through pcall, tail calls, for iterators, metamethods, sort, coroutines.
local function clean(s) return (tostring(s):gsub("\n\t%[C%]: at 0x%x+", ""):gsub("0x%x+", "ADDR")) end
local function tb(m) return clean(debug.traceback(m, 1)) end
print(select(2, pcall(function() local r = tb("in pcall") return r end)))
local function tail() return tb("tail") end print((tail()))
for v in function(_, x) if not x then return tb("iterator") end end do print(v) end
print(setmetatable({}, {__index = function() local r = tb("index") return r end}).x)
print(setmetatable({}, {__add = function() local r = tb("add") return r end}) + 1)
print(setmetatable({}, {__call = function() local r = tb("call") return r end})())
local co = coroutine.create(function() local function inner() coroutine.yield() end inner() end)
coroutine.resume(co)
print(clean(debug.traceback(co))) print(clean(debug.traceback(co, "with message")))
print(clean(debug.traceback(co, "level 1", 1))) print(clean(debug.traceback(co, nil, 1)))
print(coroutine.wrap(function() local r = tb("inside coroutine") return r end)())
local s
table.sort({2, 1}, function(a, b) s = s or tb("sort") return a < b end)
print(s) print((("x"):gsub("x", function() return tb("gsub") end)))
local dead = coroutine.create(function() error("x") end) coroutine.resume(dead) print(clean(debug.traceback(dead)))
