-- Closures made in one scope share its variables, before and after it ends.
local function make()
  local a, b = 1, 2
  local function seta(v) a = v end
  local function sum() return a + b end
  local function setb(v) b = v end
  a = 5
  return seta, setb, sum
end
local seta, setb, sum = make()
print(sum()) seta(10) print(sum()) setb(20) print(sum())
local x = 1
local function f() return x end
local function g() x = x + 1 return f() end
print(f(), g(), x)
x = 100
print(f(), g())
do
  local y = "y"
  x = function() y = y .. "y" return y end
end
print(x(), x())
