-- string.sub: positive, negative, out of range.
local s = "hello"
local idx = {-100, -6, -5, -2, -1, 0, 1, 2, 5, 6, 100}
for _, i in ipairs(idx) do
  local r = {}
  for _, j in ipairs(idx) do r[#r + 1] = "[" .. s:sub(i, j) .. "]" end
  print(i, table.concat(r, " "))
end
print(s:sub(2), s:sub(-3), s:sub(2.7, 3.2), s:sub("2", "3"), (""):sub(1, 1), s:sub(1, -1) == s)
print(s:sub(-math.huge, math.huge), s:sub(1e15), s:sub(-1e15, 2))
print(string.sub(12345, 2, 3), pcall(function() return (s:sub()) end))
print(pcall(function() return (s:sub("x")) end))
print(pcall(function() return (string.sub()) end))
print(pcall(function() return (s:sub(1, {})) end))
