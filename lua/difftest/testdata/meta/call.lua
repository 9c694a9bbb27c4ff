-- __call: arguments, chains, methods, tail calls, errors.
local f = setmetatable({}, {__call = function(self, a, b) return type(self), a, b end})
print(f(1, 2), (f(3)))
print(f())
local t = {m = f}
print(t.m(1))
print(select('#', t:m(1)), (select(3, t:m(1))))
local g = setmetatable({}, {__call = f})
print(pcall(function() return (g(1)) end))
print(pcall(f, 5, 6))
local function tail(...) return f(...) end
print(tail(7, 8))
local sum = setmetatable({}, {__call = function(_, ...) local s = 0 for i = 1, select("#", ...) do s = s + select(i, ...) end return s end})
print(sum(), sum(1), sum(1, 2, 3), sum(unpack({1, 2, 3, 4})))
print(pcall(setmetatable({}, {__call = 5})))
print(pcall(function() local x = setmetatable({}, {__call = "str"}) x() end))
for _, v in ipairs({f}) do print(v("in loop")) end
