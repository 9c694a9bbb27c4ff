-- Whether 'goto' may serve as an ordinary name.
local f, e = loadstring("local goto = 1 return goto", "=s")
print(f and f() or e)
f, e = loadstring("goto = 5 return goto", "=s")
print(f and f() or e)
f, e = loadstring("local t = {goto = 1} return t.goto", "=s")
print(f and f() or e)
