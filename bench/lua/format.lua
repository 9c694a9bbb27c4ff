-- string.format: log lines with strings, padded and signed integers, floats and hexadecimal; 60,000 of them.
local format = string.format
local methods = {"GET", "POST", "PUT", "DELETE"}
local bytes, sum = 0, 0
for i = 1, 60000 do
  local line = format('%s - [%02d/%s/%04d:%02d:%02d:%02d] "%s %s HTTP/1.1" %d %d %.3f %5.1f%%', "192.0.2." .. i % 256, i % 28 + 1,
    "Nov", 2026, i % 24, i % 60, i % 59, methods[i % 4 + 1], "/items", 200 + i % 5, i * 37, i / 7, i % 1000 / 10)
  local id = format("%08x-%-6s|%6s|%+d|%c", i * 2654435 % 4294967296, "ab", i, i - 30000, 65 + i % 26)
  bytes = bytes + #line + #id
  sum = sum + line:byte(#line - 1) + id:byte(i % #id + 1)
end
print(bytes, sum)
