-- Decimal to binary and back.
print(string.format("%.17g", 0.1), string.format("%.17g", 1 / 3), string.format("%.17g", 2 / 3))
print(string.format("%.20f", 0.1), string.format("%.0f", 0.5), string.format("%.0f", 1.5), string.format("%.0f", 2.5))
print(string.format("%.2f", 2.675), string.format("%.1f", 0.25), string.format("%.1f", 0.35), string.format("%.3f", 1.0005))
print(tonumber("0.1") == 0.1, tonumber("1e23") == 1e23, 1e23, 123456789 * 1000)
print(tonumber("179769313486231580793728971405301e276"), tonumber("2.4703282292062328e-324"))
print(string.format("%.14g", 1e14 + 0.4), string.format("%.3g", 1234.5), string.format("%.10g", 0.1))
