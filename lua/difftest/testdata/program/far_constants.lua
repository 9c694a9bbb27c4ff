-- A function with so many constants that its globals and fields are out of an instruction's short reach.
local parts = {"local c, t = ... "}
local n = 0
local block = "if c then local x " .. string.rep("@", 12000) .. "end "
parts[#parts + 1] = string.gsub(block .. block .. block, "@", function() n = n + 1 return "x = " .. n .. ".5 " end)
parts[#parts + 1] = [[
FARAWAY = (FARAWAY or 0) + 1
t.farfield = FARAWAY
t.farfield = t.farfield .. "text" .. (t.farfield == "1text" and "same" or "other")
function t:farmethod(x) return x end
return FARAWAY, t.farfield, t:farmethod("far"), pcall(function() return nofield.x end), select(2, pcall(NOFUNCTION or error, "e", 0))]]
local f = assert(loadstring(table.concat(parts), "=far"))
print(f(false, {}))
print(f(false, {}))
print(pcall(f, false, nil))
setfenv(f, setmetatable({}, {__index = function(t, k) print("read", k) return _G[k] end, __newindex = function(t, k, v) print("write", k, v) end}))
print(f(false, {}))
setfenv(f, {})
print(pcall(f, false, {}))
