-- A converter from a little Markdown to HTML.
local function inline(s)
  s = s:gsub("[&<>]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"})
  local codes = {}
  s = s:gsub("`([^`]+)`", function(c) codes[#codes + 1] = "<code>" .. c .. "</code>" return "\1" .. #codes .. "\1" end)
  s = s:gsub("!%[(.-)%]%((.-)%)", '<img alt="%1" src="%2">'):gsub("%[(.-)%]%((.-)%)", '<a href="%2">%1</a>')
  s = s:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"):gsub("%*(.-)%*", "<em>%1</em>")
  return (s:gsub("\1(%d+)\1", function(n) return codes[tonumber(n)] end))
end
local function render(text)
  local out, list, para, code = {}, nil, {}, nil
  local function flush()
    if #para > 0 then out[#out + 1] = "<p>" .. inline(table.concat(para, " ")) .. "</p>" para = {} end
    if list then out[#out + 1] = "</" .. list .. ">" list = nil end
  end
  for line in (text .. "\n"):gmatch("(.-)\n") do
    if code then
      if line:find("^```") then
        out[#out + 1] = "<pre>" .. table.concat(code, "\n") .. "</pre>" code = nil
      else
        code[#code + 1] = (line:gsub("<", "&lt;"))
      end
    elseif line:find("^```") then flush() code = {}
    elseif line:find("^%s*$") then flush()
    elseif line:find("^#+ ") then flush() local h, t = line:match("^(#+) +(.-)%s*#*$") out[#out + 1] = ("<h%d>%s</h%d>"):format(#h, inline(t), #h)
    elseif line:find("^[%-%*] ") or line:find("^%d+%. ") then
      local tag = line:find("^%d") and "ol" or "ul"
      if list ~= tag then flush() list = tag out[#out + 1] = "<" .. tag .. ">" end
      out[#out + 1] = "<li>" .. inline(line:gsub("^[%-%*%d%.]+ +", "")) .. "</li>"
    elseif line:find("^> ") then flush() out[#out + 1] = "<blockquote>" .. inline(line:sub(3)) .. "</blockquote>"
    elseif line:find("^%-%-%-+$") then flush() out[#out + 1] = "<hr>"
    else para[#para + 1] = line:match("^%s*(.-)%s*$") end
  end
  flush()
  return table.concat(out, "\n")
end
print(render [[
# Title with *emphasis* ##
A paragraph with **bold**, *italic*, `code < *raw*` and
a [link](http://x.y/?a=1&b=2) over two lines.

- one
- two **b**
1. first
2. second

> quoted & more
---
```
if a < b then
  **not bold**
```
### Small
![alt](i.png) end]])
print(render(""), #render(("para\n\n"):rep(100)))
