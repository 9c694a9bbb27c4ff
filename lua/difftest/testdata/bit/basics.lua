-- band, bor, bxor, bnot on signed 32-bit results.
print(bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(0xff, 0x0f), bit.bnot(0), bit.bnot(-1), bit.bnot(0x12345678))
print(bit.band(0xffffffff, 0x80000000), bit.bor(0x80000000, 1), bit.bxor(0xffffffff, 0), bit.band(-1, 255), bit.bor(-2, 1),
  bit.bxor(-1, -1))
print(bit.band(5), bit.bor(5), bit.bxor(5), bit.band(0xffffffff), bit.band(7, 6, 4), bit.bxor(1, 2, 4, 8, 16), bit.band("12", 10))
print(bit.bnot(0xffffffff), bit.bnot(2 ^ 31), bit.bnot(1.5), bit.band(3.7, 7), bit.bor(-0.5, 0))
