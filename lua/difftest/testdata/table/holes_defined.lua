-- Removing from the end and filling again keeps # well-defined.
local t = {1, 2, 3, 4, 5, 6, 7, 8}
t[8] = nil print(#t) t[7] = nil t[6] = nil print(#t)
t[6] = "x" print(#t)
for i = 1, 6 do t[i] = nil end print(#t)
t[1] = 1 print(#t)
local u = {}
for i = 10, 1, -1 do u[i] = i end print(#u)
local w = {}
w[1] = 1 w[2] = 2 w[3] = 3 w[4] = 4 w.n = 4 w[-1] = 0 w[0] = 0
print(#w)
for i = 1, 1000 do w[i] = i end for i = 1000, 6, -1 do w[i] = nil end
print(#w)
