-- Long tracebacks are abridged.
local function rec(n) if n == 0 then return debug.traceback("deep") end local r = rec(n - 1) return r end
local s = rec(40):gsub("\n\t%[C%]: at 0x%x+", "")
print(s)
print(select(2, rec(15):gsub("\n", "")), select(2, rec(20):gsub("\n", "")), select(2, rec(200):gsub("\n", "")))
