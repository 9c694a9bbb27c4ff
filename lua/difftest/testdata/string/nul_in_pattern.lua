-- A zero byte inside a pattern.
print(("a\0b"):gsub("\0", "N"))
print(("a\0b"):find("b\0"), ("a\0b"):find("a\0b"), ("a\0b"):match("a.b") == "a\0b")
print(("ab\0c"):match("%a+\0"), ("ab\0c"):match(".\0.") )
print(pcall(string.find, "hello", "%f[\0]"))
print(pcall(string.find, "a\0", "[\0-a]+"))
print(pcall(string.find, "a\0", "[^\0]+"))
print(("a\0b\0"):gsub("%z", "."), ("a\0b"):match("[%z]"), #("a\0b"):match(".*"))
