-- 0b numerals.
print(loadstring("return 0b0, 0b1, 0b101, 0B11111111")())
print(tonumber("0b101"), tonumber("0B11"), tonumber("0b2"), tonumber("0b"))
print(select(2, loadstring("return 0b12", "=s")))
