-- Suspended coroutines with closures over open upvalues, which are resumed, end and are replaced.
local size = ...
local live, n = {}, 0
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local function body(i)
  local sum, list = 0, {}
  local function add(x)
    sum = sum + x
    list[#list + 1] = {sum}
  end
  for k = 1, 8 do
    add(k * i)
    yield(add)
  end
  return sum
end
local function start(i)
  local co = create(body)
  resume(co, i)
  live[i] = co
end
repeat
  for _ = 1, 500 do
    n = n + 1
    start(n)
  end
until collectgarbage("count") >= size
local at = 0
return function()
  for _ = 1, 3000 do
    at = at % n + 1
    if status(live[at]) == "dead" then
      start(at)
    else
      resume(live[at])
    end
  end
end
