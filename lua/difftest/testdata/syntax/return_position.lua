-- return must end its block.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("return 1 print(2)")
try("return\nprint(2)\nx = 1")
try("return; print(1)")
try("do return end print(1) return")
try("if x then return 1 y = 2 end")
print(loadstring("do return 1 end return 2")())
print(loadstring("return;")())
print(loadstring("return 1;")())
try("return 1;;")
