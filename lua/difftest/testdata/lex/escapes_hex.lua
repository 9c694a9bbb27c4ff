-- \xXX takes exactly two hexadecimal digits in either case.
print("\x41\x4a\x4A\x7e")
print(("\x00\xff\xFf\x0a1"):byte(1, -1))
print(#"\x411")
