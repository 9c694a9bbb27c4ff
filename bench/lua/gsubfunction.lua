-- string.gsub with functions and tables: URL decoding, HTML escaping, variables in a text, capitals; 12,000 rounds.
local char, byte, format, upper = string.char, string.byte, string.format, string.upper
local escapes = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}
local values = {name = "Ada", city = "London", year = 1843, item = "engine"}
local function decode(hex) return char(tonumber(hex, 16)) end
local function encode(c) return format("%%%02X", byte(c)) end
local function capital(first, rest) return upper(first) .. rest end
local n = 0
for i = 1, 12000 do
  local url = "/search%2Fall?q=caf%C3%A9+au+lait&next=%2Fhome%3Fpage%3D" .. i
  local plain, decoded = url:gsub("%%(%x%x)", decode)
  local again, encoded = plain:gsub("[^%w/?=&+]", encode)
  local html = ('<a href="/u?a=1&b=2">' .. plain .. "</a>"):gsub('[&<>"]', escapes)
  local text, filled = ("Dear $name of $city, your $item of $year is $state."):gsub("%$(%w+)", values)
  local title = ("the quick brown fox jumps over the lazy dog"):gsub("(%a)(%w*)", capital)
  n = n + decoded + encoded + filled + #again + #html + #text + #title
end
print(n)
