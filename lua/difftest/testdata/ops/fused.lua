-- Errors and metamethods in either half of two instructions that the loop does at once.
local log = {}
local mt = {}
for _, op in ipairs {"add", "sub", "mul"} do
  mt["__" .. op] = function(a, b) log[#log + 1] = op return 7 end
end
mt.__index = function(t, k) log[#log + 1] = k return 5 end
mt.__newindex = function(t, k, v) log[#log + 1] = k .. "=" .. v end
mt.__call = function(self, x) log[#log + 1] = "call" return x end
local o = setmetatable({}, mt)
local up, none, n = o, nil, 3
local function f() local a, b = up.x + 1, up + 2 return a * n + b end
print(f(), o * 2 + o, n + o + 1, 2 * (o * n), n * n - o)
o.y = n + 1
o.z = o.p + o.q
n = o + 1
print(n, o(n + 1), o(o - 1))
local s = 0
for i = 1, 3 do s = s + o end
print(s)
print(#log, table and table.concat and table.concat(log, " ") or "")
for _, f in ipairs {
  function() return up.x.y.z end,
  function() local t = {} return t.a.b end,
  function() local t = {a = {}} return t.a * 2 + t.b end,
  function() local t = {} local x = t[1] + 1 end,
  function() local t = {} t.f() end,
  function() local t = {} t:m() end,
  function() return none.x end,
  function() local v = 2 local w = v * v + none end,
  function() local v = 1 for i = 1, 2 do v = v + none end end,
  function() nothere.x = 1 end,
  function() local a = nothere.x end,
} do print(select(2, pcall(f))) end
