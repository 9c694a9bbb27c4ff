-- while, repeat, and the scope of locals in until.
local i = 0
while i < 3 do i = i + 1 io.write(i, " ") end
print()
repeat local done = i >= 5; i = i + 1 until done
print(i)
local n = 0
while true do n = n + 1 if n > 10 then break end end
print(n)
repeat n = n - 1 if n == 5 then break end until false
print(n)
while false do print("never") end
local fs = {}
local k = 0
repeat local j = k; fs[#fs + 1] = function() return j end; k = k + 1 until j == 2
print(fs[1](), fs[2](), fs[3]())
