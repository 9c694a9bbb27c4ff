-- __eq: both tables, the same handler, never for raw equals.
local calls = 0
local eq = function(a, b) calls = calls + 1 return a.v == b.v end
local mt1, mt2 = {__eq = eq}, {__eq = eq}
local a, b = setmetatable({v = 1}, mt1), setmetatable({v = 1}, mt1)
local c, d = setmetatable({v = 1}, mt2), setmetatable({v = 2}, mt1)
print(a == b, a ~= b, a == c, a == d, a ~= d, calls)
print(a == a, calls)
print(a == 1, a == nil, a == "x", calls)
local other = setmetatable({v = 1}, {__eq = function() return true end})
print(a == other, other == a)
print(setmetatable({}, {__eq = function() return 1 end}) == setmetatable({}, {__eq = function() return 1 end}))
local one = {__eq = function() return 1 end}
print(setmetatable({}, one) == setmetatable({}, one))
local none = {__eq = function() end}
print(setmetatable({}, none) == setmetatable({}, none), setmetatable({}, none) ~= setmetatable({}, none))
print(rawequal(a, b), a == {v = 1})
