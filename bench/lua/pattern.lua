-- Pattern matching: match with captures, find, gmatch and gsub on request-like text, 60,000 rounds.
local line = 'GET /api/v1/items/42?page=2&sort=name&filter=a%20b HTTP/1.1'
local cookie = "session=abc123; theme=dark; lang=en; tracking=0"
local n = 0
for i = 1, 60000 do
  local method, path, query = line:match("^(%u+) ([^%s?]*)%??(%S*) HTTP")
  n = n + #method + #path
  for k, v in query:gmatch("([^&=]+)=([^&]*)") do
    n = n + #k + #v
  end
  if cookie:find("theme=%a+") then n = n + 1 end
  n = n + #cookie:match("session=(%w+)")
  n = n + #(query:gsub("%%(%x%x)", " "))
  if line:find("/items/", 1, true) then n = n + 1 end
end
print(n)
