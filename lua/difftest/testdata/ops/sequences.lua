-- Errors, metamethods and odd operands at each place of the sequences of instructions that the loop does at once.
local log = {}
local mt = {}
for _, op in ipairs {"add", "sub", "mul", "div", "mod", "unm"} do
  mt["__" .. op] = function(a, b) log[#log + 1] = op return 7 end
end
local function name(v) return type(v) == "table" and "table" or tostring(v) end
mt.__index = function(t, k) log[#log + 1] = name(k) return 5 end
mt.__newindex = function(t, k, v) log[#log + 1] = name(k) .. "=" .. name(v) end
mt.__call = function(self, ...) log[#log + 1] = "call" .. select("#", ...) return ... end
mt.__len = function() return 3 end
local function o() return setmetatable({}, mt) end
local values = {2.5, "4", "x", o(), {x = 1, y = 2, 3, 4}, {x = "5", y = "6", "7"}}
local function f(...) return ... end
local up, uf, ut = 1, f, {1, 2, 3}
local tests = {
  function(a, b) local s = 0 for i = 1, 2 do s = s + a[i] end return s end,
  function(a, b) local s = 0 for i = 1, 2 do s = s + a[i] * b[i] end return s end,
  function(a, b) local s = 1 for i = 1, 2 do s = s + i * 0.5 end return s * a end,
  function(a, b) local s = a for i = 1, 2 do s = s + i % 7 * 0.5 end return s end,
  function(a, b) local s = b for i = 1, 2 do s = s + a end return s end,
  function(a, b) return a.x * b.x + a.y * b.y end,
  function(a, b) return a.x + b.x, a.y - b.y end,
  function(a, b) a.x = a.x + 1 return a.x end,
  function(a, b) a.x, a.y = b.x, b end,
  function(a, b) for i = 1, 2 do a.n = i end return a.n end,
  function(a, b) for i = 1, 2 do a[i] = b end return a[1], a[2] end,
  function(a, b) return a * b / 2 + b + 1 end,
  function(a, b) return a * 3 % 5, (a % 7) % 3 end,
  function(a, b) return (a - b) / 2, a + b - a, a - b + a end,
  function(a, b) return uf(a, b), uf(a, "k"), uf("k", "k"), uf(1), uf(a + 1), uf(a * 2), uf(a / 2), uf(a - 1) end,
  function(a, b) up = a up = up + 1 return up end,
  function(a, b) up = a return up end,
  function(a, b) up = a return up[b], up + b, up - 1 end,
  function(a, b) ut = a local x, y = ut[1], ut[2] return x, y, ut.x end,
  function(a, b) ut = a ut[1] = ut[2] return ut[1] end,
  function(a, b) uf = a local r = uf(b, b, b) uf = f return r end,
  function(a, b) uf = a local r = uf(b, "k") uf = f return r end,
  function(a, b) return a:x(b), a:y() end,
  function(a, b) return a:x("k", b) end,
  function(a, b) return a.f(b), a.f.g(b) end,
  function(a, b) return #a + b, #a + 1 end,
  function(a, b) return 2 * a * b, 1 / a end,
  function(a, b) local i = 0 while i < 2 do i = i + 1 a = a + b end return a, i end,
  function(a, b) local t = {} t[b] = "k" t[1] = a return t[1], #t end,
  function(a, b) local t = {a[1], x = a[1], y = a[2], z = b} return t[1], t.x, t.y, t.z end,
  function(a, b) local i = a local t = {} i = i + 1 t[i] = "k" i = i + 1 t[i] = b return i end,
  function(a, b) return nothere.x(b) end,
  function(a, b) nothere = a local r = nothere.x(b) return r end,
  function(a, b) nothere = a local r = nothere(b) return r end,
  function(a, b) return a % b end,
  function(a, b) local x, y, z = a, b, a return z, x, y end,
  function(a, b) return 2 / a end,
  function(a, b) ut = a local t, i = {}, 1 t[i] = ut[i] return t[i] end,
  function(a, b) local i, x = 0 while i < 2 do x = a i = i + 1 end return x end,
}
local function show(ok, ...)
  local t = {tostring(ok)}
  for i = 1, select("#", ...) do
    t[i + 1] = name(select(i, ...))
  end
  return table.concat(t, " ")
end
-- first what each is meant for
for n, test in ipairs(tests) do
  local t = {1, 2, x = 3, y = 4, f = f}
  uf = f
  print(n, show(pcall(test, 6, 7)), show(pcall(test, t, t)), show(pcall(test, t, 1)))
end
for n, test in ipairs(tests) do
  uf, nothere = f, nil
  for i = 1, 7 do
    for j = 1, 7 do
      log = {}
      local text = show(pcall(test, values[i], values[j]))
      uf = f
      print(n, i, j, text, table.concat(log, " "))
    end
  end
  values[5], values[6] = {x = 1, y = 2, 3, 4}, {x = "5", y = "6", "7"}
end
