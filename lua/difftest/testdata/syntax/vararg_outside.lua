-- '...' outside a vararg function.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("function f() return ... end")
try("function f(a)\n  local x = {...}\nend")
try("local f = function() print(...) end")
try("function f(...) return function() return ... end end")
try("function f(..., a) end")
try("function f(a, ...) return ... end")
print(loadstring("return ...")(1, 2))
print(loadstring("return select('#', ...)")(nil, nil))
