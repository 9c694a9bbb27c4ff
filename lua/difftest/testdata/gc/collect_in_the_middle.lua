-- Full collections forced at awkward moments.
local function check(n)
  local t = {}
  for i = 1, n do t[i] = {tostring(i)} if i % 10 == 0 then collectgarbage() end end
  for i = 1, n do assert(t[i][1] == tostring(i)) end
  return "ok"
end
print(check(200))
local mt = {__index = function(_, k)
  collectgarbage() return k .. "!"
end, __add = function(a, b)
  collectgarbage() return {a, b}
end, __concat = function()
  collectgarbage() return "cat" .. 1
end}
local p = setmetatable({}, mt)
print(p.x .. p.y, #(p + {}), p .. "z", "a" .. p)
print((("abc"):gsub("%w", function(c) collectgarbage() return c:upper() .. "," end)))
local r = {5, 3, 9, 1, 7}
table.sort(r, function(a, b) collectgarbage() return a < b end)
print(table.concat(r, " "))
local co = coroutine.wrap(function() for i = 1, 3 do local s = "v" .. i collectgarbage() coroutine.yield(s) end end)
print(co(), co(), co())
print(pcall(function() local e = {"err" .. 1} collectgarbage() error(e[1], 0) end))
print(select("#", (function(...) collectgarbage() return ... end)({}, {}, {})))
