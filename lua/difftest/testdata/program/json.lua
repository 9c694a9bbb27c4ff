-- A JSON encoder and decoder.
local json = {}
local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}
local function quote(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end
function json.encode(v, indent, level)
  local t = type(v)
  if t == "string" then return quote(v) end
  if t == "number" then
    if v ~= v or v == math.huge or v == -math.huge then error("cannot encode " .. (v ~= v and "nan" or "infinity"), 2) end
    return ("%.14g"):format(v)
  end
  if t ~= "table" then return tostring(v) end
  level = level or 0
  local out = {}
  local pad = indent and "\n" .. indent:rep(level + 1) or ""
  local close = indent and "\n" .. indent:rep(level) or ""
  if #v > 0 or next(v) == nil then
    if #v == 0 then return "[]" end
    for i, e in ipairs(v) do out[i] = pad .. json.encode(e, indent, level + 1) end
    return "[" .. table.concat(out, ",") .. close .. "]"
  end
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do out[i] = pad .. quote(k) .. (indent and ": " or ":") .. json.encode(v[k], indent, level + 1) end
  return "{" .. table.concat(out, ",") .. close .. "}"
end
local function fail(s, pos, what)
  local line = select(2, s:sub(1, pos - 1):gsub("\n", "")) + 1
  error(("%s at line %d, position %d"):format(what, line, pos), 0)
end
local value
local function skip(s, p) return s:find("%S", p) or #s + 1 end
local function utf8(c)
  if c < 0x80 then return string.char(c) end
  if c < 0x800 then return string.char(0xc0 + math.floor(c / 64), 0x80 + c % 64) end
  return string.char(0xe0 + math.floor(c / 4096), 0x80 + math.floor(c / 64) % 64, 0x80 + c % 64)
end
local unescape = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/"}
local function str(s, p)
  local out, start = {}, p + 1
  local i = start
  while true do
    local q = s:find('["\\]', i)
    if not q then fail(s, p, "unterminated string") end
    out[#out + 1] = s:sub(i, q - 1)
    if s:sub(q, q) == '"' then return table.concat(out), q + 1 end
    local e = s:sub(q + 1, q + 1)
    if e == "u" then
      local h = s:match("^%x%x%x%x", q + 2) or fail(s, q, "bad unicode escape")
      out[#out + 1] = utf8(tonumber(h, 16))
      i = q + 6
    else
      out[#out + 1] = unescape[e] or fail(s, q, "bad escape")
      i = q + 2
    end
  end
end
local literals = {["true"] = true, ["false"] = false}
function value(s, p)
  p = skip(s, p)
  local c = s:sub(p, p)
  if c == '"' then return str(s, p) end
  if c == "[" then
    local r = {}
    p = skip(s, p + 1)
    if s:sub(p, p) == "]" then return r, p + 1 end
    while true do
      r[#r + 1], p = value(s, p)
      p = skip(s, p)
      c = s:sub(p, p)
      if c == "]" then return r, p + 1 elseif c ~= "," then fail(s, p, "',' or ']' expected") end
      p = p + 1
    end
  end
  if c == "{" then
    local r = {}
    p = skip(s, p + 1)
    if s:sub(p, p) == "}" then return r, p + 1 end
    while true do
      p = skip(s, p)
      if s:sub(p, p) ~= '"' then fail(s, p, "key expected") end
      local k
      k, p = str(s, p)
      p = skip(s, p)
      if s:sub(p, p) ~= ":" then fail(s, p, "':' expected") end
      r[k], p = value(s, p + 1)
      p = skip(s, p)
      c = s:sub(p, p)
      if c == "}" then return r, p + 1 elseif c ~= "," then fail(s, p, "',' or '}' expected") end
      p = p + 1
    end
  end
  local num = s:match("^-?%d+%.?%d*[eE]?[+-]?%d*", p)
  if num then return tonumber(num) or fail(s, p, "bad number"), p + #num end
  local word = s:match("^%a+", p)
  if word == "null" then return nil, p + 4 end
  if literals[word or ""] == nil then fail(s, p, "unexpected " .. (c == "" and "end" or "'" .. c .. "'")) end
  return literals[word], p + #word
end
function json.decode(s)
  local v, p = value(s, 1)
  p = skip(s, p)
  if p <= #s then fail(s, p, "trailing garbage") end
  return v
end
local doc = {name = "moon", list = {1, 2.5, -3, 1e10, true, false}, nested = {a = {b = {c = "deep \"quoted\"\n"}}}, empty = {},
  text = "tab\tctrl\1"}
local text = json.encode(doc)
print(text)
print(json.encode(json.decode(text)) == text)
print(json.encode({{1, {2}}, {k = "v"}}, "  "))
local d = json.decode(' { "x" : [ 1 , -2.5e3 , "\\u00e9\\u20ac\\n" , null , true ] , "y" : { } } ')
print(d.x[1], d.x[2], d.x[3], #d.x, next(d.y))
for _, bad in ipairs {"", "[1,", "{\"a\" 1}", "[1 2]", "\"abc", "nul", "[1]x", "{a:1}", '"\\q"', "[\n\n,]", "-"} do
  print(pcall(json.decode, bad))
end
print(pcall(json.encode, {0 / 0}))
