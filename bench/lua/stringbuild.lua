-- Building strings: concatenation of short pieces, table.concat, string.format, tostring of numbers.
local concat, format, tostring = table.concat, string.format, tostring
local total = 0
for i = 1, 100000 do
  local key = "user:" .. i % 1000 .. ":" .. i
  local parts = {}
  parts[1] = key
  parts[2] = tostring(i * 0.5)
  parts[3] = format("%05d|%s|%.2f", i % 100000, "name", i / 3)
  total = total + #concat(parts, ",")
end
local lines = {}
for i = 1, 200 do
  lines[i] = "line"
end
for _ = 1, 1000 do
  total = total + #concat(lines, "\n")
end
print(total)
