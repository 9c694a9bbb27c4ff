-- Decimal escapes take one to three digits and reach 255.
print(("\0\1\12\123\255\0001"):byte(1, -1))
print("\65\066\0677")
print(#"\0", #"a\0b", "a\0b" == "a\0c", "a\0b" < "a\0c")
