-- An INI parser with sections, types, comments and interpolation.
local function parse(text)
  local data, section, n = {}, nil, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    n = n + 1
    line = line:gsub("%s*[;#].*$", ""):match("^%s*(.-)%s*$")
    if line ~= "" then
      local s = line:match("^%[([%w_%.]+)%]$")
      if s then section = data for part in s:gmatch("[^.]+") do section[part] = section[part] or {} section = section[part] end
      else
        local k, v = line:match("^([%w_]+)%s*=%s*(.-)$")
        if not k then error(("line %d: syntax error: %s"):format(n, line), 0) end
        if not section then error(("line %d: key outside a section"):format(n), 0) end
        local low = v:lower()
        if tonumber(v) then v = tonumber(v) elseif low == "true" or low == "yes" then v = true elseif low == "false" or low == "no" then v = false
        elseif v:find("^%[.*%]$") then local l = {} for item in v:sub(2, -2):gmatch("[^,%s]+") do l[#l + 1] = tonumber(item) or item end v = l
        else v = v:gsub("^\"(.*)\"$", "%1"):gsub("%${([%w_]+)}", function(name) return tostring(section[name] or error(("line %d: undefined ${%s}"):format(n, name), 0)) end) end
        section[k] = v
      end
    end
  end
  return data
end
local function dump(t, indent)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(keys) do
    local v = t[k]
    if type(v) == "table" then
      print(indent .. k .. ":") dump(v, indent .. "  ")
    else
      print(indent .. k .. " = " .. tostring(v) .. " (" .. type(v) .. ")")
    end
  end
end
dump(parse "[server]\nhost = example.org ; comment\nport=8080\r\ntls = yes\nurl = http://${host}:${port}/\n\n# full line\n[server.limits]\nrate = 1e3\nhex = 0x10\nlist = [1, two, 3.5]\n[empty]\n[paths]\nquoted = \"a b\"\nnone =", "")
for _, bad in ipairs {"x = 1", "[a]\nnonsense", "[a]\nx = ${y}", "[a", "[a]\n= 5"} do print(pcall(parse, bad)) end
