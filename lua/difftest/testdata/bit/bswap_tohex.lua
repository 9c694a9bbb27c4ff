-- bswap and tohex.
print(bit.bswap(0x12345678), bit.bswap(0x78563412), bit.bswap(-1), bit.bswap(1), bit.bswap(bit.bswap(0xdeadbeef)))
print(bit.tohex(0xdeadbeef), bit.tohex(255), bit.tohex(-1), bit.tohex(0), bit.tohex(255, 2), bit.tohex(255, 4), bit.tohex(255, -4),
  bit.tohex(0xabcdef, -8), bit.tohex(0xabc, 1), bit.tohex(1, 100), bit.tohex(5, 0))
print(bit.tohex(2 ^ 32), bit.tohex(-2 ^ 31), bit.tohex(2 ^ 53 - 1), bit.tohex("255", "2"))
