-- Futures and async/await on coroutines with a simulated event loop.
local queue, clock = {}, 0
local function after(d, f)
  local t = {at = clock + d, f = f, n = #queue}
  queue[#queue + 1] = t
  table.sort(queue, function(a, b) if a.at ~= b.at then return a.at < b.at end return a.n < b.n end)
end
local Promise = {} Promise.__index = Promise
local function settle(p, state, v)
  if p.state then return end p.state, p.value = state, v for _, w in ipairs(p.waiters) do after(0, w) end p.waiters = {}
end
function Promise.new(f)
  local p = setmetatable({waiters = {}}, Promise)
  local ok, e = pcall(f, function(v) settle(p, "done", v) end, function(e) settle(p, "failed", e) end)
  if not ok then settle(p, "failed", e) end
  return p
end
local function await(p)
  if not p.state then
    local co = coroutine.running() p.waiters[#p.waiters + 1] = function() assert(coroutine.resume(co)) end coroutine.yield()
  end
  if p.state == "failed" then error(p.value, 0) end
  return p.value
end
local function async(f)
  return function(...)
    local args, n = {...}, select("#", ...)
    return Promise.new(function(res, rej)
      local co = coroutine.create(function() local ok, v = pcall(f, unpack(args, 1, n)) if ok then res(v) else rej(v) end end)
      assert(coroutine.resume(co))
    end)
  end
end
local function sleep(d, v) return Promise.new(function(res) after(d, function() res(v) end) end) end
local function all(ps) return async(function() local r = {} for i, p in ipairs(ps) do r[i] = await(p) end return r end)() end
local log = {} local function say(...) log[#log + 1] = clock .. ":" .. table.concat({...}, " ") end
local fetch = async(function(name, d)
  say("start", name)
  await(sleep(d))
  if name == "bad" then error("cannot fetch " .. name, 0) end
  say("got", name)
  return name:upper()
end)
async(function()
  local r = await(all {fetch("a", 3), fetch("b", 1), fetch("c", 2)})
  say("all", unpack(r))
  local ok, e = pcall(await, fetch("bad", 1))
  say(tostring(ok), e)
  for i = 1, 2 do await(sleep(5)) say("tick", i) end
end)()
async(function() local p = sleep(4, "shared") local x, y = await(p), await(p) say(x, y) end)()
while #queue > 0 do local t = table.remove(queue, 1) clock = t.at t.f() end
print(table.concat(log, "\n"))
