-- URL parsing, building, resolution and query strings.
local function parse(u)
  local r = {}
  u = u:gsub("#(.*)$", function(f) r.fragment = f return "" end)
  u = u:gsub("^([%a][%w+.-]*):", function(s) r.scheme = s:lower() return "" end)
  u = u:gsub("%?(.*)$", function(q) r.query = q return "" end)
  u = u:gsub("^//([^/]*)", function(a) r.authority = a return "" end)
  r.path = u
  if r.authority then
    local a = r.authority
    a = a:gsub("^([^@]*)@", function(i) r.user, r.password = i:match("^([^:]*):?(.*)$") return "" end)
    r.host, r.port = a:match("^(%[.-%]):?(%d*)$")
    if not r.host then r.host, r.port = a:match("^([^:]*):?(%d*)$") end
    r.host, r.port = r.host and r.host:lower(), tonumber(r.port)
  end
  return r
end
local function show(u)
  local r, t = parse(u), {}
  for _, k in ipairs {"scheme", "user", "password", "host", "port", "path", "query", "fragment"} do
    if r[k] and r[k] ~= "" then t[#t + 1] = k .. "=" .. r[k] end
  end
  print(u, table.concat(t, " "))
end
show "http://user:pa%20ss@Example.ORG:8080/a/b/c?x=1&y=2#frag"
show "https://[::1]:443/"
show "mailto:someone@x.y"
show "/just/a/path?q"
show "//host/p"
show "ftp://h"
show "?only"
show "#f"
show ""
local function dots(p)
  local out = {}
  for seg in p:gmatch("[^/]*") do
    if seg == ".." then
      if #out > 1 then table.remove(out) end
    elseif seg ~= "." and (seg ~= "" or #out == 0) then
      out[#out + 1] = seg
    end
  end
  local r = table.concat(out, "/")
  if p:find("/%.?%.?$") and r:sub(-1) ~= "/" then r = r .. "/" end
  return r
end
local function resolve(base, ref)
  if ref:find("^%a[%w+.-]*:") then return ref end
  local b = parse(base)
  local root = b.scheme .. "://" .. b.authority
  if ref:find("^//") then return b.scheme .. ":" .. ref end
  if ref:find("^/") then return root .. dots(ref) end
  if ref:find("^[?#]") then return root .. b.path .. ref end
  return root .. dots(b.path:gsub("[^/]*$", "") .. ref)
end
for _, ref in ipairs {"g", "./g", "g/", "/g", "../g", "../../g", "../../../g", "//h/x", "?y", "#s", "http://o/", ".", "..",
  "a/./b/../c"} do
  print(ref, resolve("http://a/b/c/d;p?q", ref))
end
local function decode(s) return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end
local function query(q)
  local r = {}
  for pair in q:gmatch("[^&]+") do
    local k, v = pair:match("^([^=]*)=?(.*)$")
    k, v = decode(k), decode(v)
    if r[k] == nil then r[k] = v elseif type(r[k]) == "table" then table.insert(r[k], v) else r[k] = {r[k], v} end
  end
  return r
end
local q = query "a=1&b=x+y%21&a=2&flag&a=3&e=&%41=z" print(table.concat(q.a, ","), q.b, q.flag == "", q.e == "", q.A)
