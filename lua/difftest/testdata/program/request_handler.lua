-- What an access and content handler typically does, over many requests.
local routes = {["/"] = "home", ["/api/status"] = "status"}
local function handle(req)
  local host = (req.headers.host or ""):lower():gsub(":%d+$", "")
  if host ~= "example.org" then return 421, "misdirected" end
  local auth = req.headers.authorization
  if req.uri:find("^/private/") and not (auth and auth:match("^Bearer%s+(%w+)$") == "s3cr3t") then return 401, "unauthorized" end
  local path, query = req.uri:match("^([^?]*)%??(.*)$")
  local args = {}
  for k, v in query:gmatch("([^&=]+)=([^&]*)") do
    args[k] = v:gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)
  end
  if routes[path] then return 200, routes[path] end
  local id = path:match("^/api/items/(%d+)$")
  if id then
    local out = {}
    for k, v in pairs(args) do out[#out + 1] = k .. "=" .. v end
    table.sort(out)
    return 200, ("item %d %s"):format(id, table.concat(out, ","))
  end
  return 404, "no " .. path
end
local reqs = {{uri = "/", headers = {host = "Example.org"}},
  {uri = "/api/items/42?b=2&a=x%20y", headers = {host = "example.org:8080"}},
  {uri = "/private/x", headers = {host = "example.org"}},
  {uri = "/private/x", headers = {host = "example.org", authorization = "Bearer s3cr3t"}}, {uri = "/", headers = {}},
  {uri = "/api/status?x", headers = {host = "example.org"}}}
for _, r in ipairs(reqs) do print(handle(r)) end
local codes = {}
for i = 1, 3000 do local code = handle(reqs[i % #reqs + 1]) codes[code] = (codes[code] or 0) + 1 end
print(codes[200], codes[401], codes[404], codes[421])
