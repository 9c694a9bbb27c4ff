-- Angles of many turns, and hyperbolic functions, to the last digit.
local function show(...) for i = 1, select("#", ...) do io.write(string.format("%.17g ", (select(i, ...)))) end print() end
for _, x in ipairs{2^27 + 1, 2^28, 2^31 + 0.5, 2^37, 2^53, 2^64, 1e15, 1e22, 1e100, 1.1e155, 1e300, 1.7976931348623157e308} do
  show(x, math.sin(x), math.cos(x), math.tan(x), math.sin(-x), math.cos(-x), math.tan(-x))
end
for _, x in ipairs{5e-324, 1e-20, 1e-9, 0.1, 0.3, 0.35, 0.9, 1, 1.5, 2, 10, 21.9, 22, 22.613, 100, 709.5, 709.9, 710.4, 711, 1/0} do
  show(x, math.cosh(x), math.sinh(x), math.tanh(x), math.cosh(-x), math.sinh(-x), math.tanh(-x))
end
print(math.cosh(0/0) ~= math.cosh(0/0), math.sinh(0/0) ~= math.sinh(0/0), math.tanh(0/0) ~= math.tanh(0/0), 1 / math.sinh(-0), 1 / math.tanh(-0))
