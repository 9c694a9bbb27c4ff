-- Unfinished long strings and comments, and bad delimiters.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("return [[abc")
try("return [==[abc]=]\n\n")
try("--[[ never closed\n\n")
try("--[=[ never closed ]]")
try("return [=abc")
try("return [==")
try("x = [=")
