-- tobit: wrap-around of big and fractional doubles.
print(bit.tobit(0xffffffff), bit.tobit(0x100000000), bit.tobit(0x80000000), bit.tobit(-0x80000001), bit.tobit(2 ^ 40 + 5),
  bit.tobit(-2 ^ 40 - 5))
print(bit.tobit(1.5), bit.tobit(2.5), bit.tobit(-1.5), bit.tobit(0.5), bit.tobit(-0.5), bit.tobit(3.4999), bit.tobit(2147483647.6))
print(bit.tobit(2 ^ 51), bit.tobit(2 ^ 52 - 1), bit.tobit(2 ^ 50 + 123), bit.tobit("77"), bit.tobit("0xff"))
