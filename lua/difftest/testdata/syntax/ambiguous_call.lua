-- A parenthesis on the next line.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("f\n(1)")
try("x = f\n(g or h)()")
try("a.b\n('x')")
try("f()\n(1)")
try("a:b\n(1)")
print(loadstring("local f = print\n;(f)(1)")())
print(loadstring("local s = string.upper\n'abc' return s")())
print(loadstring("local s = tostring\n{} return s") ~= nil)
