-- Request script: an HTML rewriter, as a body filter has it: pages arrive in pieces of 512 bytes, a tokenizer keeps what is incomplete,
-- rules by element change attributes and URLs, drop scripts and comments, add to the head; 150 pages.
local find, match, sub, lower, gsub, concat = string.find, string.match, string.sub, string.lower, string.gsub, table.concat

local function absolute(url, base)
  if find(url, "^%a[%w+.-]*:") or sub(url, 1, 2) == "//" or sub(url, 1, 1) == "#" then return url end
  if sub(url, 1, 1) == "/" then return "https://cdn.example" .. url end
  return base .. url
end
local rules = {
  a = function(attrs, ctx)
    local href = attrs.href
    if not href then return end
    attrs.href = absolute(href, ctx.base)
    if find(href, "^https?://") and not find(href, "://www.example/", 1, true) then
      attrs.rel = "nofollow noopener"
      ctx.external = ctx.external + 1
    end
  end,
  img = function(attrs, ctx)
    if attrs.src then attrs.src = absolute(attrs.src, ctx.base) end
    attrs.loading = attrs.loading or "lazy"
    ctx.images = ctx.images + 1
  end,
  link = function(attrs, ctx)
    if attrs.href then attrs.href = absolute(attrs.href, ctx.base) end
  end,
}

-- The attributes of a tag by name, and the names in their order.
local function attributes(text)
  local attrs, order = {}, {}
  local at = 1
  while true do
    local from, till, name = find(text, "([%w_:-]+)", at)
    if not from then return attrs, order end
    at = till + 1
    local _, eq = find(text, "^%s*=%s*", at)
    local value = true
    if eq then
      local q = sub(text, eq + 1, eq + 1)
      if q == '"' or q == "'" then
        local close = find(text, q, eq + 2, true) or #text + 1
        value = sub(text, eq + 2, close - 1)
        at = close + 1
      else
        value = match(text, "^%S*", eq + 1)
        at = eq + 1 + #value
      end
    end
    name = lower(name)
    if attrs[name] == nil then order[#order + 1] = name end
    attrs[name] = value
  end
end
local function write(out, name, attrs, order, ending)
  out[#out + 1] = "<" .. name
  local written = {}
  for i = 1, #order do
    local k = order[i]
    local v = attrs[k]
    written[k] = true
    out[#out + 1] = v == true and " " .. k or " " .. k .. '="' .. gsub(v, '"', "&quot;") .. '"'
  end
  for _, k in ipairs {"rel", "loading"} do
    if attrs[k] and not written[k] then out[#out + 1] = " " .. k .. '="' .. attrs[k] .. '"' end
  end
  out[#out + 1] = ending
end

local Rewriter = {}
Rewriter.__index = Rewriter
local function rewriter(base)
  return setmetatable({base = base, rest = "", external = 0, images = 0, dropped = 0, tags = 0}, Rewriter)
end
function Rewriter:feed(piece, last)
  local s = self.rest .. piece
  local out, at = {}, 1
  while true do
    if self.skip then
      local from, till = find(lower(s), "</" .. self.skip .. ">", at, true)
      if not from then
        at = math.max(at, #s - #self.skip - 2)
        break
      end
      at, self.skip = till + 1, nil
    end
    local open = find(s, "<", at, true)
    if not open then
      out[#out + 1] = sub(s, at)
      at = #s + 1
      break
    end
    if open > at then out[#out + 1] = sub(s, at, open - 1) end
    at = open
    if sub(s, open, open + 3) == "<!--" then
      local _, till = find(s, "-->", open + 4, true)
      if not till then break end
      self.dropped = self.dropped + 1
      at = till + 1
    elseif find(s, "^[^%a/!]", open + 1) then
      out[#out + 1] = "<"
      at = open + 1
    else
      local close = find(s, ">", open, true)
      if not close then break end
      local slash, name, rest = match(sub(s, open + 1, close - 1), "^(/?)(%a[%w-]*)(.*)$")
      if not name then
        out[#out + 1] = sub(s, open, close)
      else
        name = lower(name)
        self.tags = self.tags + 1
        if slash == "/" then
          if name == "head" then out[#out + 1] = '<meta name="generator" content="rewriter">' end
          out[#out + 1] = "</" .. name .. ">"
        elseif name == "script" then
          self.dropped = self.dropped + 1
          self.skip = "script"
        elseif rules[name] then
          local attrs, order = attributes(rest)
          rules[name](attrs, self)
          write(out, name, attrs, order, find(rest, "/%s*$") and "/>" or ">")
        else
          out[#out + 1] = "<" .. name .. rest .. ">"
        end
      end
      at = close + 1
    end
  end
  self.rest = sub(s, at)
  if last then
    if not self.skip then out[#out + 1] = self.rest end
    self.rest = ""
  end
  return concat(out)
end

local parts = {"<!DOCTYPE html><html><head><title>Test</title><link rel=stylesheet href='/main.css'><!-- built by hand -->",
  "<script>if (a < b) document.write('<a href=\"x\">');</script></head><body>\n"}
for i = 1, 30 do
  parts[#parts + 1] = '<div class="row" id=r' .. i .. '><A HREF="page' .. i .. '.html" title=\'say "hi"\'>Page &amp; ' .. i
    .. '</A> <img src="/img/' .. i .. '.png" alt=""/>  5 < 6 <a href="https://other.example/' .. i .. '" target=_blank>out</a>'
    .. '<a href="https://www.example/in">in</a><input disabled value=' .. i .. "></div>\n<!-- row " .. i .. " -->"
end
parts[#parts + 1] = "<script src=/x.js></script></body></html>"
local page = concat(parts)
local bytes, hash, ctx = 0, 0
for round = 1, 150 do
  ctx = rewriter("https://www.example/dir/")
  for from = 1, #page, 512 do
    local text = ctx:feed(sub(page, from, from + 511), from + 512 > #page)
    bytes = bytes + #text
    hash = (hash * 31 + #text + (text:byte(round % (#text + 1)) or 0)) % 1000000007
  end
end
print(#page, bytes, hash, ctx.external, ctx.images, ctx.dropped, ctx.tags)
