-- __add and its relatives: which operand's handler, which order of arguments.
local log = {}
local mt = {}
local function show(v) return type(v) == "table" and "T" or tostring(v) end
for _, op in ipairs {"add", "sub", "mul", "div", "mod", "pow"} do
  mt["__" .. op] = function(a, b) return op .. "(" .. show(a) .. "," .. show(b) .. ")" end
end
mt.__unm = function(a, b) return "unm(" .. show(a) .. "," .. show(b) .. ")" end
local t = setmetatable({}, mt)
print(t + 1, 1 + t, t + t, t + "x", "x" + t, t + nil, nil + t)
print(t - 1, 2 - t, t * 3, 3 * t, t / 4, 4 / t, t % 5, 5 % t, t ^ 6, 6 ^ t, -t)
local u = setmetatable({}, {__add = function(a, b) return "second" end})
print({} == {}, pcall(function() return {} + 1 end))
print(t + u, u + t, select("#", t + 1))
local multi = setmetatable({}, {__add = function() return 1, 2, 3 end})
print(multi + 1, (multi + 1))
print(select("#", (function() return multi + 1 end)()))
