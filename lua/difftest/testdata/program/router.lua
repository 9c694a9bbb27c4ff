-- A request router: static paths, parameters, wildcards, methods, priorities.
local Router = {}
Router.__index = Router
function Router.new() return setmetatable({root = {children = {}}}, Router) end
function Router:add(method, path, handler)
  local node = self.root
  for part in path:gmatch("[^/]+") do
    local key, name = part, nil
    if part:sub(1, 1) == ":" then key, name = ":", part:sub(2) elseif part:sub(1, 1) == "*" then key, name = "*", part:sub(2) end
    local child = node.children[key] or {children = {}, name = name}
    node.children[key] = child
    node = child
  end
  node.handlers = node.handlers or {}
  node.handlers[method] = handler
  return self
end
local function match(node, parts, i, params)
  local part = parts[i]
  if not part then return node.handlers and node end
  local child = node.children[part]
  local found = child and match(child, parts, i + 1, params)
  if found then return found end
  child = node.children[":"]
  if child then
    found = match(child, parts, i + 1, params)
    if found then params[child.name] = part return found end
  end
  child = node.children["*"]
  if child then params[child.name] = table.concat(parts, "/", i) return child end
end
function Router:dispatch(method, path)
  local parts, params = {}, {}
  for p in path:gmatch("[^/?]+") do parts[#parts + 1] = p end
  local node = match(self.root, parts, 1, params)
  if not node then return 404, "not found" end
  local h = node.handlers[method]
  if not h then
    local allow = {}
    for m in pairs(node.handlers) do allow[#allow + 1] = m end
    table.sort(allow)
    return 405, "allow " .. table.concat(allow, ",")
  end
  return 200, h(params)
end
local r = Router.new()
r:add("GET", "/", function() return "home" end)
 :add("GET", "/users", function() return "users" end):add("POST", "/users", function() return "create" end)
 :add("GET", "/users/:id", function(p) return "user " .. p.id end):add("GET", "/users/me", function() return "me" end)
 :add("GET", "/users/:id/posts/:post", function(p)
   return p.id .. "#" .. p.post
 end):add("GET", "/static/*file", function(p)
   return "file " .. p.file
 end)
for _, req in ipairs {"GET /", "GET /users", "POST /users", "DELETE /users", "GET /users/42", "GET /users/me", "GET /users/42/posts/7", "GET /users/42/posts", "GET /static/css/a/b.css", "GET /nope", "GET /users/me/posts/1", "GET //users//5/"} do
  local m, p = req:match("(%S+) (%S+)")
  print(req, r:dispatch(m, p))
end
local n = 0
for i = 1, 3000 do local code = r:dispatch("GET", "/users/" .. i .. "/posts/" .. i * 2) if code == 200 then n = n + 1 end end
print(n)
