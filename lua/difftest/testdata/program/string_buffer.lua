-- Building strings by pieces: ropes, buffers with growth, indentation, columns.
local Buf = {}
Buf.__index = Buf
Buf.__call = function(b, ...) for i = 1, select("#", ...) do b[#b + 1] = tostring((select(i, ...))) end return b end
Buf.__tostring = function(b) return table.concat(b) end
Buf.__concat = function(a, b) return tostring(a) .. tostring(b) end
local function buf() return setmetatable({}, Buf) end
local b = buf() b("x = ", 1, ", ")("y = ", nil)(true) print(tostring(b), #b, b .. "|", "|" .. b)
local tower = {}
local function push(s)
  tower[#tower + 1] = s
  for i = #tower - 1, 1, -1 do if #tower[i] > #tower[i + 1] then break end tower[i] = tower[i] .. table.remove(tower) end
end
for i = 1, 1000 do push(i % 10 .. "") end
print(#table.concat(tower), #tower)
local function columns(rows)
  local w = {}
  for _, r in ipairs(rows) do for i, c in ipairs(r) do w[i] = math.max(w[i] or 0, #tostring(c)) end end
  local out = {}
  for i, r in ipairs(rows) do
    local l = {}
    for j, c in ipairs(r) do l[j] = type(c) == "number" and ("%" .. w[j] .. "s"):format(c) or ("%-" .. w[j] .. "s"):format(c) end
    out[i] = table.concat(l, " | "):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end
print(columns {{"name", "qty", "note"}, {"tea", 5, "hot"}, {"coffee beans", 12.5, ""}, {"x", 1000, "last"}})
local function wrap(s, n)
  local lines, line = {}, ""
  for w in s:gmatch("%S+") do
    if #line + #w + 1 > n and line ~= "" then lines[#lines + 1] = line line = w else line = line == "" and w or line .. " " .. w end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end
print(wrap("the quick brown fox jumps over the lazy dog and runs away from a verylongwordindeed", 20))
local function serialize(v, ind)
  ind = ind or ""
  if type(v) == "string" then return ("%q"):format(v) elseif type(v) ~= "table" then return tostring(v) end
  local keys, out = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) if type(a) == type(b) then return a < b end return type(a) == "number" end)
  for _, k in ipairs(keys) do
    out[#out + 1] = ind .. "  " .. (type(k) == "string" and k:find("^[%a_][%w_]*$") and k or "[" .. serialize(k) .. "]") .. " = " ..
      serialize(v[k], ind .. "  ")
  end
  return #out == 0 and "{}" or "{\n" .. table.concat(out, ",\n") .. "\n" .. ind .. "}"
end
local s = serialize {1, "two", {3}, key = {nested = true, ["odd key"] = 1.5, e = {}}, [10] = false}
print(s) print(serialize(loadstring("return " .. s)()) == s)
