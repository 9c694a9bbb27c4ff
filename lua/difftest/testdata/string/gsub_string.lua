-- gsub with replacement strings.
print(("hello world"):gsub("o", "0"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("x", "y"), ("hello"):gsub("", "-"),
  ("abc"):gsub("%w", "%0%0"))
print(("hello world"):gsub("(%w+) (%w+)", "%2 %1"), ("abc"):gsub(".", "%%"), ("a b"):gsub("%s", "%%20"), ("x"):gsub("x", "%1"),
  ("abc"):gsub("b*", "-"))
print(("abc"):gsub("^a", "X"), ("aaa"):gsub("^a", "X"), ("aaa"):gsub("a$", "X"), ("abc"):gsub("$", "!"), ("abc"):gsub("^", "!"),
  (""):gsub("", "e"), (""):gsub("^$", "e"))
print(("abcdef"):gsub("%w", "x", 0), ("abcdef"):gsub("%w", "x", -1), ("abcdef"):gsub("%w", "x", 3), ("abcdef"):gsub("%w", "x", 100),
  ("abc"):gsub("%w", 5), ("abc"):gsub("b", 1.5))
print(("a.b.c"):gsub("%.", "/"), ("C:\\x"):gsub("\\", "\\\\"), ("a\0b"):gsub("%z", "0"), ("  x  "):gsub("^%s+", ""):gsub("x", "y"))
print(select("#", ("x"):gsub("x", "y")), (("x"):gsub("x", "y")), ("abc"):gsub("(b)()", "%2%1"))
