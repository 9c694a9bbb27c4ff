-- A break that is not the last statement of its block.
local f, e = loadstring("for i = 1, 3 do break print(i) end return 2", "=s")
print(f and f() or e)
f, e = loadstring("while true do break; x = 1 end", "=s")
print(f and "accepted" or e)
