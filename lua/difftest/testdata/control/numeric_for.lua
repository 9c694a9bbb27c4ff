-- Numeric for: steps, direction, copies of the control variable.
for i = 1, 3 do io.write(i, " ") end print()
for i = 3, 1 do io.write(i, " ") end print("none")
for i = 3, 1, -1 do io.write(i, " ") end print()
for i = 1, 10, 4 do io.write(i, " ") end print()
for i = 1, 2, 0.25 do io.write(i, " ") end print()
for i = 0.1, 0.5, 0.1 do io.write(i, " ") end print()
for i = 1, 0.5 do print("none") end
for i = -1, -3, -1 do io.write(i, " ") end print()
for i = 1, 3 do local j = i i = i * 10 io.write(j, ":", i, " ") end print()
local n = 3
for i = 1, n do n = 10 io.write(i, " ") end print(n)
for i = 1, 1 do io.write(i, " ") end print()
for i = "1", "3", "1" do io.write(i, " ") end print()
