-- A typical request handler: headers, host check, path match, arguments, a response of joined parts; 200,000 requests.
local concat, lower = table.concat, string.lower
local routes = {["/"] = "home", ["/health"] = "ok"}
local requests = {
  {uri = "/", headers = {host = "Example.org", accept = "text/html"}},
  {uri = "/health", headers = {host = "example.org"}},
  {uri = "/api/items/42", headers = {host = "example.org", ["x-token"] = "s3cr3t"}},
  {uri = "/api/items/7", headers = {host = "example.org", ["x-token"] = "wrong"}},
  {uri = "/nothing", headers = {host = "other.org"}},
}
local function handle(req, response)
  local headers = req.headers
  if lower(headers.host or "") ~= "example.org" then
    response.status = 421
    return "misdirected"
  end
  local body = routes[req.uri]
  if body then
    response.status = 200
    response.headers["Content-Type"] = "text/plain"
    return body
  end
  local id = req.uri:match("^/api/items/(%d+)$")
  if not id then
    response.status = 404
    return "not found"
  end
  if headers["x-token"] ~= "s3cr3t" then
    response.status = 403
    return "forbidden"
  end
  response.status = 200
  response.headers["Content-Type"] = "application/json"
  return concat({'{"id":', id, ',"name":"item ', id, '"}'})
end
local bytes, statuses = 0, 0
for i = 1, 200000 do
  local response = {headers = {}}
  local body = handle(requests[i % 5 + 1], response)
  bytes = bytes + #body
  statuses = statuses + response.status
end
print(bytes, statuses)
