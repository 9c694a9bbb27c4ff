-- string.rep with counts and separators.
print(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1), ("ab"):rep(1), (""):rep(100), ("x"):rep(2.9), ("x"):rep("3"))
print(("ab"):rep(3, ","), ("ab"):rep(1, ","), ("ab"):rep(0, ","), (""):rep(3, "-"), ("a"):rep(3, ""), ("a"):rep(2, "\0") == "a\0a",
  ("a"):rep(3, 7))
print(#("abc"):rep(10000), #("x"):rep(1000, "yy"), string.rep(5, 3))
print(pcall(function() return (("x"):rep()) end))
print(pcall(function() return (("x"):rep("y")) end))
print(pcall(function() return (("x"):rep(2, {})) end))
print(pcall(function() return (string.rep()) end))
print((""):rep(1e9) == "")
