-- Numerals inside arithmetic: white space, hex, exponents.
local good = {"1", " 1 ", "0x10", "1e3", "  -7", "+3", ".5", "5.", "0x.8", "\n9\t"}
for _, s in ipairs(good) do io.write(tostring(s + 0), " ") end
print()
local bad = {"", " ", "x", "1x", "0x", "1 1", "--1", "e3", "1e", "nil"}
for _, s in ipairs(bad) do io.write(tostring(pcall(function() return s + 0 end)), " ") end
print()
print("1" + "2", type("1" + "2"), "0x7" * "3", 10 - "2.5")
print(math.floor("3.7"), math.max("10", 9) == 10, ("5"):rep("3"), string.rep("a", "2"))
