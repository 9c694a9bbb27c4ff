-- ... in its uses.
local function count(...) return select("#", ...) end
print(count(), count(nil), count(nil, nil), count(1, nil, 3))
local function pack2(...) return {n = select("#", ...), ...} end
local p = pack2(1, nil, 3, nil)
print(p.n, p[1], p[2], p[3], p[4])
local function first(...) return (...) end
print(first(7, 8), first())
local function tail(a, ...) return ... end
print(tail(1, 2, 3), (tail(1, 2, 3)))
local function mix(...) local a, b = ... return b, a, ... end
print(mix(1, 2, 3)) print(mix())
local function inner(...) local f = function(...) return ... end return f(..., "end") end
print(inner(1, 2, 3), inner())
local function reassign(a, ...) a = 10 local x = {...} x[1] = "changed" return a, ... end
print(reassign(1, 2))
print((function(...) return ..., ... end)(1, 2))
print(#{(function(...) return ... end)(1, 2, 3)})
local function many(...) local t = {} for i = 1, select("#", ...) do t[i] = (select(i, ...)) end return #t, t[#t] end
print(many(unpack((function() local r = {} for i = 1, 500 do r[i] = i end return r end)())))
print(pcall(function(...) return ... end, 1, nil, 2, nil))
