-- Strings that hit a line end or the end of the chunk.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("x = 'abc")
try("x = 'abc\ny = 1")
try("x = \"abc\r\ny\"")
try("x = 'abc\\")
try("x = \"")
try("x = 'a' .. 'bc")
try("\n\nx = 'third")
try("x = '" .. ("y"):rep(100))
