-- Templates: a page with loops, conditions and escaped values is compiled to a Lua function once, rendered 3,000 times; and compiled 300 times.
local concat = table.concat
local escapes = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;"}
local function escape(v)
  return (string.gsub(tostring(v), "[&<>\"']", escapes))
end
-- {% code %} runs, {{ expression }} is written escaped, {* expression *} as it is; names are fields of the view.
local function compile(source)
  local code, at = {"local out, n, escape, tostring = {}, 0, ...\n"}, 1
  local function emit(expression)
    code[#code + 1] = "n = n + 1 out[n] = " .. expression .. "\n"
  end
  while true do
    local from, _, kind = source:find("{([%%{*])", at)
    if not from then break end
    if from > at then emit(string.format("%q", source:sub(at, from - 1))) end
    local close = kind == "{" and "}}" or kind .. "}"
    local till, last = source:find(close, from + 2, true)
    local inner = source:sub(from + 2, till - 1)
    if kind == "%" then
      code[#code + 1] = inner .. "\n"
    elseif kind == "{" then
      emit("escape(" .. inner .. ")")
    else
      emit("tostring(" .. inner .. ")")
    end
    at = last + 1
  end
  if at <= #source then emit(string.format("%q", source:sub(at))) end
  code[#code + 1] = "return out, n"
  local f = assert(loadstring(concat(code), "=template"))
  return function(view)
    local out, n = setfenv(f, view)(escape, tostring)
    return concat(out, "", 1, n)
  end
end
local source = [[
<!DOCTYPE html>
<title>{{ title }}</title>
<h1 class="{* class *}">{{ title }}</h1>
{% if #items == 0 then %}<p>Nothing here.</p>{% else %}
<ul>
{% for i = 1, #items do local item = items[i] %}
  <li id="item-{* item.id *}"{% if item.sale then %} class="sale"{% end %}>
    <a href="/items/{* item.id *}?from={{ from }}">{{ item.name }}</a> {{ item.price }} EUR
  </li>
{% end %}
</ul>
{% end %}
<footer>{{ #items }} items for {{ user.name }}</footer>
]]
local items = {}
for i = 1, 12 do
  items[i] = {id = i, name = "Thing <" .. i .. "> & \"co\"", price = i * 5, sale = i % 4 == 0}
end
local render = compile(source)
local bytes = 0
for i = 1, 3000 do
  local page = render({title = "Shop & more " .. i % 10, class = "main", items = i % 10 == 0 and {} or items, from = "list'", user = {name = "Ann"}})
  bytes = bytes + #page
end
for i = 1, 300 do
  bytes = bytes + #compile(source .. i)({title = "T", class = "c", items = items, from = "x", user = {name = "Bo"}})
end
print(bytes)
