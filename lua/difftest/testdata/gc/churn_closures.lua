-- Many closures and coroutines with upvalues, some kept.
local kept = {}
for i = 1, 40000 do
  local a, b = i, {i} local f = function() a = a + 1 return a, b[1] end if i % 4000 == 0 then kept[#kept + 1] = f end f()
end
for _, f in ipairs(kept) do io.write(table.concat({f()}, ":"), " ") end
print()
local cos = {}
for i = 1, 3000 do
  local co = coroutine.create(function(x) local big = {x, x * 2} local y = coroutine.yield(big[2]) return big[1] + y end)
  coroutine.resume(co, i)
  if i % 300 == 0 then cos[#cos + 1] = co end
end
collectgarbage()
for _, co in ipairs(cos) do io.write(select(2, coroutine.resume(co, 1)), " ") end
print()
local function chain(n)
  local f = function() return 0 end for i = 1, n do local g = f f = function() return g() + 1 end end return f
end
print(chain(150)())
