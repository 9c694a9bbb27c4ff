-- A CSV reader and writer with quoting.
local function parse(s, sep)
  sep = sep or ","
  local rows, row, pos = {}, {}, 1
  while pos <= #s do
    local field
    if s:sub(pos, pos) == '"' then
      local buf = {}
      pos = pos + 1
      while true do
        local e = s:find('"', pos, true) or error("unclosed quote in row " .. #rows + 1, 0)
        buf[#buf + 1] = s:sub(pos, e - 1)
        pos = e + 1
        if s:sub(pos, pos) ~= '"' then break end
        buf[#buf + 1] = '"' pos = pos + 1
      end
      field = table.concat(buf)
    else
      local e = s:find("[" .. sep .. "\r\n]", pos) or #s + 1
      field = s:sub(pos, e - 1)
      pos = e
    end
    row[#row + 1] = field
    local c = s:sub(pos, pos)
    if c == sep then pos = pos + 1 if pos > #s then row[#row + 1] = "" end
    elseif c == "" then break
    elseif c == "\r" or c == "\n" then pos = s:match("^\r?\n?()", pos) rows[#rows + 1], row = row, {}
    else error("garbage after quote in row " .. #rows + 1, 0) end
  end
  if #row > 0 then rows[#rows + 1] = row end
  return rows
end
local function write(rows)
  local out = {}
  for i, r in ipairs(rows) do
    local f = {}
    for j, v in ipairs(r) do v = tostring(v) f[j] = v:find('[",\r\n]') and '"' .. v:gsub('"', '""') .. '"' or v end
    out[i] = table.concat(f, ",")
  end
  return table.concat(out, "\n")
end
local src = 'name,qty,note\n"Smith, J",3,"said ""hi"""\r\nplain,,"two\nlines"\n,,\nlast,9,end'
local rows = parse(src)
for i, r in ipairs(rows) do local q = {} for j, f in ipairs(r) do q[j] = ("%q"):format(f) end print(i, #r, table.concat(q, "|")) end
print(write(rows) == write(parse(write(rows)))) print(write {{"a,b", 1, true}, {'q"q', "x\ny", ""}})
print(pcall(parse, 'a,"open')) print(pcall(parse, 'a,"x"y')) print(#parse(""), #parse("a;b", ";")[1])
local sum = 0 for i, r in ipairs(parse(("1,2,3\n"):rep(200))) do for _, v in ipairs(r) do sum = sum + v end end print(sum)
