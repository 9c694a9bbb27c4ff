-- A small HTTP parser as a state machine, fed byte by byte and in pieces.
local function parser()
  local state, line, req, out, need = "start", "", nil, {}, 0
  local function feed(data)
    for c in data:gmatch(".") do
      if state == "body" then
        req.body = req.body .. c need = need - 1
        if need == 0 then out[#out + 1] = req state = "start" end
      elseif c == "\n" then
        if line:sub(-1) == "\r" then line = line:sub(1, -2) end
        if state == "start" then
          if line ~= "" then
            local m, p, v = line:match("^(%u+) (%S+) HTTP/(1%.[01])$")
            if not m then error("bad request line: " .. line, 0) end
            req = {method = m, path = p, version = v, headers = {}, body = ""} state = "headers"
          end
        elseif line == "" then
          need = tonumber(req.headers["content-length"] or 0) or error("bad length", 0)
          if need == 0 then out[#out + 1] = req state = "start" else state = "body" end
        else
          local k, v = line:match("^([%w-]+):%s*(.-)%s*$")
          if not k then error("bad header: " .. line, 0) end
          k = k:lower() req.headers[k] = req.headers[k] and req.headers[k] .. ", " .. v or v
        end
        line = ""
      else line = line .. c end
    end
    local r = out out = {} return r
  end
  return feed
end
local raw = "GET /a HTTP/1.1\r\nHost: x\r\nAccept: a\r\nACCEPT:  b \r\n\r\nPOST /b?q=1 HTTP/1.0\nContent-Length: 5\n\nhelloGET /c HTTP/1.1\r\n\r\n"
for _, size in ipairs {1, 3, 7, 1000} do
  local f, n = parser(), {}
  for i = 1, #raw, size do
    for _, r in ipairs(f(raw:sub(i, i + size - 1))) do
      n[#n + 1] = r.method .. r.path .. "[" .. r.body .. "]" .. (r.headers.accept or "")
    end
  end
  print(size, table.concat(n, " "))
end
for _, bad in ipairs {"get / HTTP/1.1\n", "GET / HTTP/2.0\n", "GET / HTTP/1.1\nnocolon\n", "GET / HTTP/1.1\nContent-Length: x\n\n",
  "GET /\n"} do
  print(pcall(parser(), bad))
end
