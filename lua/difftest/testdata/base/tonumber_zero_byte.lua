-- tonumber with a base ends at a zero byte, without one it doesn't.
print(tonumber("\v\f1\0", 2), tonumber("1\0", 16), tonumber("1\0 ", 16), tonumber("1 \0x", 16), tonumber("\0", 16), tonumber("-\0001", 16))
print(tonumber("1\0"), tonumber("1\0", 10), tonumber("\0001"))
