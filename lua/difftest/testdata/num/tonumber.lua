-- tonumber without a base.
print(tonumber("10"), tonumber("  10  "), tonumber("10a"), tonumber(""), tonumber(" "), tonumber("-5"), tonumber("+5"))
print(tonumber("1e1"), tonumber("1e"), tonumber(".5"), tonumber("5."), tonumber("."), tonumber("1.5.2"), tonumber("--1"))
print(tonumber("0x1F"), tonumber("-0x10"), tonumber("0x"), tonumber("0x1.8"), tonumber("0x1p3"), tonumber("0xg"))
print(tonumber("inf"), tonumber("-inf"), tonumber("infinity"), tonumber("INF"), tonumber("1e400"))
print(tonumber("\t1\n"), tonumber("1\0"), tonumber("1 2"), tonumber("- 1"), tonumber("1_0"))
print(tonumber(nil), tonumber(true), tonumber({}), tonumber(print), tonumber(5.5), tonumber("0b11"))
print(tonumber("9007199254740993") == 9007199254740992, tonumber("0xffffffffffffffff"), tonumber("1e-400"))
print(pcall(tonumber))
