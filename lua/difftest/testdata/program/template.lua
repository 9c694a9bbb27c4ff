-- A template engine that compiles to Lua source.
local function compile(text)
  local out, pos = {"local _o, _e = {}, ...\n"}, 1
  while true do
    local s, e, kind, body = text:find("{([%%{])(.-)[%%}]}", pos)
    local literal = text:sub(pos, (s or 0) - 1)
    if literal ~= "" then out[#out + 1] = ("_o[#_o+1] = %q\n"):format(literal) end
    if not s then break end
    if kind == "{" then out[#out + 1] = ("_o[#_o+1] = _e(%s)\n"):format(body) else out[#out + 1] = body .. "\n" end
    pos = e + 1
  end
  out[#out + 1] = "return table.concat(_o)"
  local f, err = loadstring(table.concat(out), "=template")
  if not f then return nil, err end
  local escape = {["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;"}
  return function(env)
    setfenv(f, setmetatable(env, {__index = _G}))
    return f(function(v) return v == nil and "" or (tostring(v):gsub("[<>&]", escape)) end)
  end
end
local page = assert(compile([[
<h1>{{title}}</h1>
{% if #items > 0 then %}<ul>
{% for i, item in ipairs(items) do %}  <li class="{{i % 2 == 0 and 'even' or 'odd'}}">{{item.name}}: {{("%.2f"):format(item.price)}}</li>
{% end %}</ul>{% else %}nothing{% end %}
{{missing}}total {{total(items)}}
]]))
local function total(items) local s = 0 for _, i in ipairs(items) do s = s + i.price end return s end
print(page {title = "Shop <&>", items = {{name = "tea", price = 2.5}, {name = "a<b", price = 10}, {name = "c", price = 0.125}},
  total = total})
print(page {title = "Empty", items = {}, total = total})
print(compile("{% if x then %} unclosed"))
print(compile("{{ 1 + }}"))
print(pcall(compile("line\n\n{{ nothing.field }}"), {}))
