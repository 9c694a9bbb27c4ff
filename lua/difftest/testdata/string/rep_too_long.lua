-- A result that can't exist.
print(pcall(function() return (#("abc"):rep(1e9)) end))
print(pcall(function() return (("x"):rep(1e9, ("y"):rep(100))) end))
