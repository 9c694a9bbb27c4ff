-- os.date with UTC formats and fixed times.
print(os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%Y-%m-%d %H:%M:%S", 1000000000), os.date("!%c", 0), os.date("!%x %X %p", 3600 * 13))
print(os.date("!%a %A %b %B %d %j %w %U %y %%", 86400 * 45), os.date("!%I:%M", 3600 * 15), os.date("!plain", 0), os.date("!", 0) == "")
local t = os.date("!*t", 951782400)
local keys = {}
for k, v in pairs(t) do keys[#keys + 1] = k .. "=" .. tostring(v) end
table.sort(keys)
print(table.concat(keys, " "))
print(os.date("!%Y-%m-%d", 951782400 - 86400), os.date("!%Y-%m-%d", 951782400 + 86400), os.date("!%H", 3599.9),
  os.date("!%Y", 4102444800), os.date("!%d %e", 0))
print(type(os.date()), type(os.date("*t").year), #os.date("%Y"), type(os.date("%c")))
