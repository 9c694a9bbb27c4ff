-- Count and line hooks.
local n = 0 debug.sethook(function() n = n + 1 end, "l") local a = 1
a = 2
a = 3
debug.sethook() print(n)
