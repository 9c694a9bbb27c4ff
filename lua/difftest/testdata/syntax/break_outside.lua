-- break outside a loop.
local function try(src) print(select(2, loadstring(src, "=s"))) end
try("break")
try("\n\nbreak")
try("if x then break end")
try("do break end\nprint(1)")
try("while true do local f = function() break end end")
try("for i = 1, 2 do end break")
try("function f()\n  break\nend")
print(loadstring("while true do break end return 1")())
print(loadstring("for i = 1, 3 do if i == 2 then break end end return 2")())
