-- loadstring: results, errors, arguments, chunk names.
print(loadstring("return 1, 2")()) print(loadstring("local a, b = ... return b, a")(1, 2)) print(loadstring("x_loaded = 5")(), x_loaded)
print(loadstring("return +")) print(loadstring("error('e')", "=name") ~= nil, pcall(loadstring("error('e')", "=name"))) print(pcall(loadstring("error('e')", "@file.lua"))) print(pcall(loadstring("error('e')"))) print(pcall(loadstring("\n\nerror('e')", "some code\nmore")))
print(pcall(function() return (loadstring()) end)) print(pcall(function() return (loadstring({})) end)) print(pcall(loadstring, "return 1", {}))
local f = loadstring("local n = 0 return function() n = n + 1 return n end") local a, b = f(), f() print(a(), a(), b()) print(loadstring("")()) print(type(loadstring("   -- nothing")), loadstring("return ...", "x")("vararg"))
print(loadstring(123)) print(loadstring("return " .. ("1 + "):rep(100) .. "0")())
