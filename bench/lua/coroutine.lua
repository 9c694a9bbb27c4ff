-- Create a coroutine, resume it to its yield, resume it to its end: 300,000 times.
local create, resume, yield = coroutine.create, coroutine.resume, coroutine.yield
local function body(a)
  local b = yield(a + 1)
  return a + b
end
local s = 0
for i = 1, 300000 do
  local co = create(body)
  local _, x = resume(co, i)
  local _, y = resume(co, x)
  s = s + y
end
print(s)
