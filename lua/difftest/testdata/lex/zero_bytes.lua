-- NUL inside sources and names of chunks.
print(loadstring("return 'a\0b'")():byte(1, -1))
print(#loadstring("return [[a\0b]]")())
print(loadstring("-- a\0b\nreturn 1")())
print(select(2, loadstring("x = \0 1", "=s")))
