-- debug.traceback: shape for Lua functions, levels, messages.
local function clean(s) return (s:gsub("\n\t%[C%]: at 0x%x+", "")) end
local function c() return clean(debug.traceback("msg")) .. "" end
local function b() local r = c() return r end
function globalfn() local r = b() return r end
print(globalfn())
local t = {method = function(self) local r = globalfn() return r end}
print(t:method()) print((function() local r = b() return r end)())
print(clean(debug.traceback("lvl", 0))) print(clean(debug.traceback("lvl", 1)))
print(clean(debug.traceback("lvl", 2))) print(debug.traceback("far", 50))
print(clean(debug.traceback()))
print(debug.traceback({}) ~= nil, debug.traceback(nil) ~= nil, debug.traceback(42) ~= nil)
local obj = {} print(debug.traceback(obj) == obj)
