-- Coroutines that are switched to from Lua code: numbers of results at every kind of call, many values, errors.
local yield, resume, wrap, create, status = coroutine.yield, coroutine.resume, coroutine.wrap, coroutine.create, coroutine.status

local function echo(...)
  while true do yield(...) end
end
local function count(...) return select("#", ...), ... end
for n = 0, 4 do
  local list = {}
  for i = 1, n do list[i] = i * 11 end
  local f = wrap(echo)
  f(unpack(list))
  f()
  local a = f()
  local b, c = f()
  local d, e, g, h, i, j = f()
  print(n, a, b, c, d, e, g, h, i, j)
  print(count(f()))
  print(f(), (f()))
  local t = {f()}
  print(#t, t[n])
  local co = create(echo)
  resume(co, unpack(list))
  resume(co)
  local ok = resume(co)
  local ok2, x = resume(co)
  local ok3, y, z, w = resume(co)
  print(ok, ok2, x, ok3, y, z, w)
  print(count(resume(co)))
  print((resume(co)))
end

-- the values that a yield gets
local co = create(function(...)
  print("start", ...)
  print("none", yield())
  local a = yield(1)
  local b, c = yield(2, 3)
  print(a, b, c)
  print(count(yield(4)))
  return yield(yield(yield("tail")))
end)
print(resume(co, 1, 2, 3))
print(resume(co))
print(resume(co, "a", "lost"))
print(resume(co, "b"))
print(resume(co, nil, nil))
print(resume(co, 5, 6))
print(resume(co, 7))
print(resume(co, 8, 9))
print(resume(co, "end", "of", "it"))
print(resume(co, 1))
print(status(co))

-- generic for with one to four variables
local function gen(n)
  return wrap(function(state, control)
    print("first", state, control)
    for i = 1, n do
      print("again", yield(i, i * 2, nil, i * 4))
    end
  end)
end
for a in gen(2) do print(a) end
for a, b in gen(1), "state", "control" do print(a, b) end
for a, b, c, d, e in gen(2), "state" do print(a, b, c, d, e) end

-- more values than the stacks have room for
local big = {}
for i = 1, 3000 do big[i] = i end
local f = wrap(function(...)
  local n = select("#", ...)
  while true do
    local got = {yield(n, select(n, ...))}
    n = #got
    got = {yield(unpack(got))}
    n = #got
  end
end)
print(f(unpack(big)))
print(select("#", f(unpack(big, 1, 2900))))
print((f(unpack(big, 1, 7))))
co = create(function(...) return select("#", ...), ... end)
print(select("#", resume(co, unpack(big))))

-- bodies that are builtins or take variable arguments
print(wrap(print)(1, 2))
print(pcall(wrap(error), "thrown"))
print(wrap(function(a, ...) return ..., a, select("#", ...) end)(1, 2, 3))
print(wrap(wrap(function(...) return "inner", ... end))(4))
print(resume(create(resume), create(function(x) return x end), "nested"))

-- what can't be resumed
print(pcall(resume))
print(pcall(resume, 1))
print(pcall(function() return resume({}) end))
print(pcall(function() local ok = resume(print) return ok end))
local me
me = create(function()
  print(resume(me))
  print(resume(create(function() return resume(me) end)))
  local w = wrap(function() return status(me) end)
  print(w())
end)
print(resume(me))
print(resume(me))
local dead = wrap(function() end)
dead()
print(pcall(dead))
print(pcall(function() local x = dead() return x end))
print(pcall(function() for x in dead do end end))
print(pcall(function() local x = wrap(function() error("deep") end)() return x end))
print(pcall(function() for x in wrap(function() yield(1) error({}) end) do end end) == false)
print(pcall(function() local x = wrap(function() local y = nil + 1 end)() return x end))
print(pcall(yield, 1))
print(pcall(function() local x = yield(1) return x end))

-- upvalues of a stack that moves and ends
local function upvalues()
  local a, b = 1, 2
  local get = function() return a, b end
  local set = function(x) a, b = x, x + 1 end
  while true do
    local c = yield(get, set)
    a = a + c
  end
end
f = wrap(upvalues)
local get, set = f()
set(10)
print(get())
f(5)
print(get())
f = nil
collectgarbage()
set(20)
print(get())
local rec = wrap(function()
  local function r(n)
    local x = n
    local g = function() return x end
    if n > 0 then
      yield(g)
      x = x + 0.5
      r(n - 1)
      yield(g)
    end
  end
  r(100)
end)
local sum = 0
for g in rec do sum = sum + g() end
print(sum)
