-- Garbage doesn't accumulate: the count after dropping everything is bounded.
collectgarbage() collectgarbage() local before = collectgarbage("count")
for r = 1, 5 do local t = {} for i = 1, 20000 do t[i] = {i} end t = nil collectgarbage() end
collectgarbage() collectgarbage() print(collectgarbage("count") - before < 1000)
local big = ("x"):rep(1000000)
local with = collectgarbage("count")
print(with - before > 900)
big = nil
collectgarbage()
collectgarbage()
print(collectgarbage("count") - before < 1000)
for i = 1, 200 do local s = ("y"):rep(100000) .. i end collectgarbage() print(collectgarbage("count") - before < 2000)
