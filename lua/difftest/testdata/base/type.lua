-- type and its error.
print(type(nil), type(true), type(1), type("x"), type({}), type(print), type(function()
end), type(coroutine.create(print)), type(io.stdout))
print(pcall(type)) print(pcall(function() return (type()) end)) print(type(type(1)), type(nil) == "nil")
