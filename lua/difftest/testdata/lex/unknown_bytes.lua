-- Bytes that begin no token.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("x = @")
try("x = 1 $ 2")
try("x = `a`")
try("!x")
try("x = \1")
try("x = a ? b")
try("x = 5 \\")
try("&& x")
try("x != 2")
try("if x ~ 2 then end")
