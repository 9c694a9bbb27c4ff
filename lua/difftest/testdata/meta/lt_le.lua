-- __lt and __le, their truth values, and __le by way of __lt.
local log = {}
local mt = {
  __lt = function(a, b) log[#log + 1] = "lt" return a.v < b.v end,
  __le = function(a, b) log[#log + 1] = "le" return a.v <= b.v end,
}
local function N(v) return setmetatable({v = v}, mt) end
print(N(1) < N(2), N(1) > N(2), N(1) <= N(1), N(1) >= N(2), not (N(1) < N(2)))
print(table.concat(log, " "))
local only = {__lt = function(a, b) return a.v < b.v end}
local x, y = setmetatable({v = 1}, only), setmetatable({v = 2}, only)
print(x <= y, y <= x, x >= y, y >= x, x <= x)
print(setmetatable({}, {__lt = function() return nil end}) ~= nil)
local t = {__lt = function() return 0 end}
local p, q = setmetatable({}, t), setmetatable({}, t)
print(p < q, q < p, p > q)
if p < q then print("truthy") end
local list = {N(3), N(1), N(2)}
table.sort(list)
print(list[1].v, list[2].v, list[3].v)
