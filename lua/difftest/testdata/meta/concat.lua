-- __concat: operands, order within a chain.
local function show(v) return type(v) == "table" and v.n or tostring(v) end
local mt = {}
mt.__concat = function(a, b) return "<" .. show(a) .. "|" .. show(b) .. ">" end
local A, B = setmetatable({n = "A"}, mt), setmetatable({n = "B"}, mt)
print(A .. "x", "x" .. A, A .. B, A .. 1, 1 .. A, A .. nil, nil .. A)
print("a" .. "b" .. A, A .. "a" .. "b", "a" .. A .. "b", A .. B .. A, 1 .. 2 .. A .. 3 .. 4)
mt.__concat = function(a, b) return setmetatable({n = show(a) .. "+" .. show(b)}, mt) end
print((A .. "x" .. "y" .. B).n, ("p" .. A .. "q").n)
print(pcall(function() return {} .. "x" end))
print(pcall(function() return "x" .. {} end))
