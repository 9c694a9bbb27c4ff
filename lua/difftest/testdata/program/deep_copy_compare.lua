-- Deep copy with cycles and metatables; deep comparison; diff; merge.
local function copy(v, seen)
  if type(v) ~= "table" then return v end
  seen = seen or {}
  if seen[v] then return seen[v] end
  local r = {}
  seen[v] = r
  for k, x in pairs(v) do r[copy(k, seen)] = copy(x, seen) end
  return setmetatable(r, getmetatable(v))
end
local function equal(a, b, seen)
  if rawequal(a, b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  seen = seen or {} if seen[a] == b then return true end seen[a] = b
  for k, v in pairs(a) do if not equal(v, b[k], seen) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end
local mt = {__tostring = function() return "meta" end}
local t = setmetatable({1, {2, {3}}, x = {y = {z = "deep"}}, f = print}, mt) t.self = t t.list = {t.x, t.x}
local c = copy(t)
print(c ~= t, c.self == c, c.list[1] == c.list[2], c.list[1] == c.x, c.x ~= t.x, c.f == print, tostring(c), c[2][2][1])
print(equal(t, c), equal({1, 2}, {1, 2}), equal({1, 2}, {1, 3}), equal({1}, {1, 2}), equal({a = {b = 1}}, {a = {b = 1}}),
  equal({}, {}), equal(1, "1"), equal({a = false}, {}))
c.x.y.z = "changed" print(t.x.y.z, equal(t, c))
local function diff(a, b, path, out)
  out, path = out or {}, path or ""
  local keys, seen = {}, {}
  for _, s in ipairs {a, b} do for k in pairs(s) do if not seen[k] then seen[k] = true keys[#keys + 1] = k end end end
  table.sort(keys, function(x, y) return tostring(x) < tostring(y) end)
  for _, k in ipairs(keys) do
    local p, x, y = path .. "." .. tostring(k), a[k], b[k]
    if type(x) == "table" and type(y) == "table" then
      diff(x, y, p, out)
    elseif x ~= y then
      out[#out + 1] = p .. ": " .. tostring(x) .. " -> " .. tostring(y)
    end
  end
  return out
end
print(table.concat(diff({a = 1, b = {c = 2, d = 3}, l = {1, 2}}, {a = 1, b = {c = 5}, e = true, l = {1, 2, 3}}), "\n"))
local function merge(a, b)
  for k, v in pairs(b) do if type(v) == "table" and type(a[k]) == "table" then merge(a[k], v) else a[k] = v end end return a
end
local m = merge({a = 1, n = {x = 1, y = 2}}, {b = 2, n = {y = 3, z = 4}}) print(m.a, m.b, m.n.x, m.n.y, m.n.z)
