-- Negative indices of getlocal and setlocal are the variable arguments.
local function f(a, b, ...)
  print(select("#", ...), debug.getlocal(1, -1))
  for i = -1, -5, -1 do print(i, debug.getlocal(1, i)) end
  print(debug.setlocal(1, -2, "changed"), debug.setlocal(1, -9, "nowhere"))
  print(a, b, ...)
  return (...)
end
f() f(1) f(1, 2) f(1, 2, 3) f(1, 2, 3, nil, 5) f(1, 2, 3, 4, 5, 6, 7)
local function fixed(a) return debug.getlocal(1, -1) end
print(fixed(1, 2, 3))
local co = coroutine.create(function(...) coroutine.yield() return ... end)
coroutine.resume(co, "x", "y")
print(debug.getlocal(co, 1, -1)) print(debug.getlocal(co, 1, -2)) print(debug.getlocal(co, 1, -3))
print(debug.setlocal(co, 1, -2, "z"))
print(coroutine.resume(co))
print(pcall(debug.getlocal, f, -1))
local function outer(...) local function inner() return debug.getlocal(2, -2) end return (inner()), select("#", ...) end
print(outer(1, 2))
print(debug.getlocal(1, -2147483648))
