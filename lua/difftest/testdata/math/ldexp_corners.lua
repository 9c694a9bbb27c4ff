-- math.ldexp with any pair of numbers.
for _, m in ipairs{0, -0, 1, -1.5, 2, 1e300, 5e-324, 1/0, -1/0, 0/0} do
  for _, e in ipairs{0, 1, -1, 1.5, -1.5, 0.99, 2000, -2000, 2^31, -2^31, 2^40, -2^40, 1e300, 1/0, -1/0, 0/0, 1074, -1074, -1075, 1023.9} do
    local x = math.ldexp(m, e)
    io.write(x ~= x and "nan" or string.format("%.17g", x), " ")
  end
  print()
end
