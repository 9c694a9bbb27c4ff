-- Method calls and inheritance: a router of objects with parameters in paths, groups and handlers of three classes; 120,000 requests.
local function class(parent)
  local c = {}
  c.__index = c
  return setmetatable(c, {__index = parent, __call = function(_, ...)
    local o = setmetatable({}, c)
    o:init(...)
    return o
  end})
end

local Node = class()
function Node:init()
  self.children = {}
  self.handlers = {}
end
function Node:child(segment)
  local name = segment:match("^:(.+)$")
  if name then
    if not self.wild then
      self.wild = Node()
      self.wild.name = name
    end
    return self.wild
  end
  local c = self.children[segment]
  if not c then
    c = Node()
    self.children[segment] = c
  end
  return c
end

local Handler = class()
function Handler:init(label) self.label, self.calls = label, 0 end
function Handler:count()
  self.calls = self.calls + 1
  return self.calls
end
function Handler:allowed() return true end
function Handler:body(request) return self.label .. ":" .. request.path end
function Handler:serve(request)
  self:count()
  if not self:allowed(request) then return 403, "no" end
  return 200, self:body(request)
end
local Item = class(Handler)
function Item:body(request) return self.label .. "#" .. request.params.id end
local Admin = class(Item)
function Admin:allowed(request) return request.user == "root" and Item.allowed(self, request) end

local Router = class()
function Router:init() self.root = Node() end
function Router:add(method, path, handler)
  local node = self.root
  for segment in path:gmatch("[^/]+") do
    node = node:child(segment)
  end
  node.handlers[method] = handler
  return self
end
function Router:match(method, path, params)
  local node = self.root
  for segment in path:gmatch("[^/]+") do
    local c = node.children[segment]
    if not c then
      c = node.wild
      if not c then return nil, 404 end
      params[c.name] = segment
    end
    node = c
  end
  local handler = node.handlers[method]
  if not handler then return nil, 405 end
  return handler
end
function Router:dispatch(request)
  request.params = {}
  local handler, status = self:match(request.method, request.path, request.params)
  if not handler then return status, "" end
  return handler:serve(request)
end

local all = {Handler("home"), Handler("list"), Item("item"), Item("comment"), Admin("admin")}
local router = Router()
router:add("GET", "/", all[1]):add("GET", "/items", all[2]):add("GET", "/items/:id", all[3])
router:add("GET", "/items/:id/comments/:comment", all[4]):add("DELETE", "/admin/items/:id", all[5])
local cases = {
  {"GET", "/"}, {"GET", "/items"}, {"GET", "/items/42"}, {"GET", "/items/7/comments/99"}, {"DELETE", "/admin/items/3", "root"},
  {"DELETE", "/admin/items/3", "eve"}, {"PUT", "/items/42"}, {"GET", "/nowhere/at/all"},
}
local statuses, bytes = 0, 0
for i = 1, 120000 do
  local c = cases[i % #cases + 1]
  local status, body = router:dispatch({method = c[1], path = c[2], user = c[3]})
  statuses = statuses + status
  bytes = bytes + #body
end
local calls = 0
for i, handler in ipairs(all) do
  calls = calls + i * handler.calls
end
print(statuses, bytes, calls)
