-- floor, ceil, fmod, modf, abs.
for _, x in ipairs {0, 1, -1, 1.5, -1.5, 2.5, -2.5, 0.1, -0.1, 1e15, -1e15 + 0.5, 1e300, 2 ^ 31, -2 ^ 31 - 0.5} do
  print(x, math.floor(x), math.ceil(x), math.abs(x), math.modf(x))
end
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-7, -3), math.fmod(5.5, 2), math.fmod(1e300, 3),
  math.fmod(5, math.huge))
print(math.modf(3.7), math.modf(-3.7), math.modf(math.huge), math.modf(-math.huge))
print(math.floor("3.9"), math.ceil("-3.9"), math.abs("-5"))
print(1 / math.floor(-0.0), 1 / math.ceil(-0.3), 1 / math.abs(-0.0), math.fmod(-6, 2))
