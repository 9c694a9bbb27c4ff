-- loadfile and dofile: errors for what isn't there.
print(loadfile("/nonexistent/x.lua")) print(pcall(dofile, "/nonexistent/x.lua"))
print(pcall(function() dofile("/nonexistent/y.lua") end)) print(pcall(loadfile, {}))
print(pcall(loadfile, "bad\0name"))
