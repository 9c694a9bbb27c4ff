-- Shifts and rotations; counts are taken modulo 32.
for _, n in ipairs {0, 1, 4, 8, 31, 32, 33, -1, 64} do
  print(n, bit.lshift(0x12345678, n), bit.rshift(0x12345678, n), bit.arshift(-0x12345678, n), bit.rol(0x12345678, n),
    bit.ror(0x12345678, n))
end
print(bit.lshift(1, 31), bit.rshift(-1, 1), bit.rshift(-1, 28), bit.arshift(-1, 31), bit.arshift(0x80000000, 4), bit.rshift(0x80000000, 31))
print(bit.lshift(-1, 4), bit.lshift(0xffffffff, 16), bit.rol(0x80000001, 1), bit.ror(1, 1), bit.lshift(1, 2.9), bit.lshift("1", "4"))
