-- Yields inside __index, __newindex, __add, __call, __concat, __eq, __lt, __le, __unm.
local yield = coroutine.yield
local mt = {
  __index = function(_, k) return yield("index " .. k) end,
  __newindex = function(t, k, v) rawset(t, k, yield("newindex " .. k) .. v) end,
  __add = function(a, b) return yield("add") end, __call = function(_, a) return yield("call", a) end,
  __concat = function()
    return yield("concat")
  end, __eq = function()
    return yield("eq")
  end, __lt = function()
    return yield("lt")
  end, __le = function()
    return yield("le")
  end, __unm = function()
    return yield("unm")
  end,
}
local t, u = setmetatable({}, mt), setmetatable({}, mt)
local co = coroutine.create(function()
  print("r", t.field)
  t.key = "!"
  print("r", rawget(t, "key")) print("r", t + 1) print("r", t(5)) print("r", "x" .. t)
  print("r", "a" .. "b" .. t .. "c")
  print("r", t == u, t ~= u) print("r", t < u, not (t < u)) print("r", t <= u) print("r", -t)
  if t < u then print("branch taken") else print("branch not taken") end
  return "finished"
end)
local r = {coroutine.resume(co)}
local n = 0
while coroutine.status(co) ~= "dead" do
  n = n + 1 print("y", unpack(r, 2)) r = {coroutine.resume(co, (n <= 6 or n % 2 == 0) and "v" .. n or nil)}
end
print(unpack(r))
