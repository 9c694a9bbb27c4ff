print("hello", 1, 2.5, nil, true)
local function fib(n) if n < 2 then return n end return fib(n-1)+fib(n-2) end
print(fib(20))
local t = {1,2,3,x=5}
t.y = "a".."b"..1
print(#t, t.x, t.y, t[2])
for i,v in ipairs(t) do print(i,v) end
local n=0 for k,v in pairs(t) do n=n+1 end print(n)
local mt = setmetatable({}, {__index=function(t,k) return k.."!" end, __add=function(a,b) return 42 end, __lt=function() return true end, __le=function() return false end, __call=function(self, a) return a end, __concat=function() return "cat" end, __eq=function() return true end, __len=function() return 7 end})
print(mt.foo, mt+1, mt<mt, mt<=mt, mt("called"), mt.."x", "y"..mt, 1 ..mt.. 2)
print(pcall(function() error("boom") end))
print(pcall(function() error({}) end))
print(pcall(function() local a; a.b = 1 end))
print(select('#', 1, nil, nil), select(2, 'a', 'b', 'c'))
local co = coroutine.create(function(a, b)
  print("co", a, b)
  local c = coroutine.yield(a+b)
  print("co2", c)
  local ok, e = pcall(function() local d = coroutine.yield("in pcall") error(d) end)
  print("co3", ok, e)
  for k in (function() return coroutine.yield("iter") end) do print("k", k) break end
  return "done"
end)
print(coroutine.resume(co, 1, 2))
print(coroutine.resume(co, "x"))
print(coroutine.resume(co, "err"))
print(coroutine.resume(co, "key"))
print(coroutine.resume(co))
print(coroutine.status(co))
local function va(...) local a, b = ... return select('#', ...), a, b, ... end
print(va(1,2,3))
print((va(1,2,3)))
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 1 return i end end
print(fs[1](), fs[1](), fs[2]())
print(xpcall(function() error("e") end, function(m) return "handled: "..m end))
do local i = 0 ::top:: i = i + 1 if i < 5 then goto top end print(i) end
print(tostring(nil), tostring(1e15), tostring(0.1), 10/3, -0, 2^53)
print(tonumber("0x10"), tonumber("10", 2), tonumber("zz", 36), tonumber("abc"))
for i = 10, 1, -3 do io = i end print(io)
local s = 0 for i = 1, 300 do local t = {i, i+1} s = s + #t end print(s)
local function deep() return deep() + 1 end
print(pcall(deep))
