-- Tail calls need no stack.
local function loop(n, acc) if n == 0 then return acc end return loop(n - 1, acc + 1) end
print(loop(1000000, 0))
local function ping(n) if n == 0 then return "done", n end return (function(m) return ping(m) end)(n - 1) end
print(ping(10000))
local t = {}
function t:go(n) if n == 0 then return "method" end return self:go(n - 1) end
print(t:go(200000))
local function va(n, ...) if n == 0 then return select("#", ...), ... end return va(n - 1, ...) end
print(va(100000, 1, nil, 3))
local c = setmetatable({}, {__call = function(self, n) if n == 0 then return "callable" end return self(n - 1) end})
print(c(1000))
