-- A trie: insertion, prefix search, deletion, longest prefix, completion.
local Trie = {} Trie.__index = Trie
function Trie.new() return setmetatable({root = {}, n = 0}, Trie) end
function Trie:insert(w, v)
  local n = self.root
  for c in w:gmatch(".") do n[c] = n[c] or {} n = n[c] end
  if n.value == nil then self.n = self.n + 1 end
  n.value = v == nil and true or v
end
function Trie:find(p) local n = self.root for c in p:gmatch(".") do n = n[c] if not n then return nil end end return n end
function Trie:get(w) local n = self:find(w) return n and n.value end
function Trie:delete(w)
  local function del(n, i)
    if i > #w then if n.value == nil then return false end n.value = nil self.n = self.n - 1 return next(n) == nil end
    local c = w:sub(i, i)
    if n[c] and del(n[c], i + 1) then n[c] = nil return n.value == nil and next(n) == nil end
    return false
  end
  del(self.root, 1)
end
function Trie:complete(p)
  local out = {}
  local function walk(n, w)
    if n.value ~= nil then out[#out + 1] = w end
    local keys = {}
    for k in pairs(n) do if #k == 1 then keys[#keys + 1] = k end end
    table.sort(keys)
    for _, k in ipairs(keys) do walk(n[k], w .. k) end
  end
  local n = self:find(p)
  if n then walk(n, p) end
  return out
end
function Trie:longest(s)
  local n, best = self.root, nil
  for i = 1, #s do n = n[s:sub(i, i)] if not n then break end if n.value ~= nil then best = s:sub(1, i) end end
  return best, best and self:get(best)
end
local t = Trie.new()
for i, w in ipairs {"/", "/api", "/api/v1", "/api/v2", "/app", "/static", "/static/css", "car", "card", "care", "cat"} do
  t:insert(w, i)
end
print(t.n, t:get("/api"), t:get("/ap"), t:get("card"), t:get("nope"), table.concat(t:complete("/ap"), " "),
  table.concat(t:complete("car"), " "), #t:complete(""))
print(t:longest("/api/v1/users")) print(t:longest("/api/v3")) print(t:longest("/statics"))
print(t:longest("none"))
t:delete("car")
t:delete("/api/v1")
t:delete("missing")
t:delete("ca")
print(t.n, t:get("car"), t:get("card"), table.concat(t:complete("c"), " "), table.concat(t:complete("/api"), " "))
t:delete("card")
t:delete("care")
t:delete("cat")
print(t.n, t:find("c"))
