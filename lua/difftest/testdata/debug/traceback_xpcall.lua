-- xpcall with debug.traceback as handler: the place of the error is shown.
local function clean(s) return (tostring(s):gsub("\n\t%[C%]: at 0x%x+", "")) end
local function lvl3() local x = nil; return x.field.y end
local function lvl2() local r = lvl3() return r end
local ok, e = xpcall(lvl2, debug.traceback)
print(ok, clean(e))
ok, e = xpcall(function() error("explicit") end, debug.traceback)
print(clean(e))
ok, e = xpcall(function() error({}) end, function(m) return debug.traceback("table error", 2) end)
print(clean(e))
ok, e = xpcall(function() string.rep() end, debug.traceback)
print(clean(e))
ok, e = xpcall(function() local r = ("x"):bad() return r end, debug.traceback)
print(clean(e))
