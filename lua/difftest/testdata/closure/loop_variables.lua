-- Every pass of a loop has its own variable.
local fs = {}
for i = 1, 4 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[4](), fs[1]())
local gs = {}
for k, v in ipairs({"a", "b"}) do gs[k] = function(x) v = v .. (x or "") return k, v end end
print(gs[1]("x"), gs[2]())
print(gs[1]())
local hs, n = {}, 0
while n < 3 do n = n + 1 local m = n hs[n] = function() m = m + n return m end end
print(hs[1](), hs[2](), hs[3](), hs[1]())
