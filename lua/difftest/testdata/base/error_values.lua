-- Errors that are not strings travel unchanged.
local t = setmetatable({code = 5}, {__tostring = function() return "E5" end})
local ok, e = pcall(error, t) print(ok, e == t, e.code, tostring(e))
for _, v in ipairs {true, false, 42, 1.5} do print(pcall(error, v)) end
ok, e = pcall(error, print) print(ok, e == print)
ok, e = pcall(error, nil) print(ok, e)
local co = coroutine.create(function() error(t) end)
ok, e = coroutine.resume(co) print(ok, e == t)
local function rethrow() local ok, e = pcall(error, t, 2) error(e, 0) end
ok, e = pcall(rethrow) print(e == t)
ok, e = pcall(function() local ok, e = pcall(error, "inner") error("outer:" .. e, 0) end) print(e)
print(select("#", pcall(error)))
