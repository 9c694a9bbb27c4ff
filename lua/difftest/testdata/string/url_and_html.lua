-- Escaping and unescaping with gsub.
local function esc(s) return (s:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end)) end
local function unesc(s) return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end
print(esc("a b&c=d/é?"), unesc("a%20b%26c+d%2f"), unesc(esc("round \0 trip \255")) == "round \0 trip \255")
local function html(s) return (s:gsub("[<>&\"']", {["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;", ['"'] = "&quot;", ["'"] = "&#39;"})) end
print(html("<a href=\"x\">Tom & 'J'</a>"))
local q = {}
for k, v in ("a=1&b=two&c=&d=x%20y"):gmatch("([^&=]+)=([^&=]*)") do q[#q + 1] = k .. ":" .. unesc(v) end
print(table.concat(q, " "))
