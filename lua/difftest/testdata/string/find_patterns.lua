-- find with patterns and captures.
print(("key = value"):find("(%w+)%s*=%s*(%w+)"))
print(("hello"):find("l+"), ("hello"):find("(l)(l)"), ("hello"):find("()ll()"))
print(("  trim  "):find("^%s*(.-)%s*$"), ("abc"):find("^b"), ("abc"):find("b$"), ("abc"):find("c$"), ("abc"):find("^abc$"))
print(("abc"):find("^b", 2), ("abc"):find("b", 2), ("a\nb"):find("^b"), ("a$"):find("$", 1, true), ("a$b"):find("$b"), ("a^b"):find("a^"))
print(("f(a(b)c)d"):find("%b()"), ("THE (quick) fox"):find("%((%a+)%)"), ("x"):find("y*"), ("x"):find(".-"), (""):find(".*"))
print(("2024-05-17"):find("(%d+)-(%d+)-(%d+)"))
