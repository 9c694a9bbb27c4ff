-- __gc of newproxy userdata runs at collection.
local n = 0
for i = 1, 10 do local p = newproxy(true) getmetatable(p).__gc = function() n = n + 1 end end
collectgarbage()
collectgarbage()
print(n)
local order = {}
do
  local a, b = newproxy(true), newproxy(true)
  getmetatable(a).__gc = function() order[#order + 1] = "a" end
  getmetatable(b).__gc = function() order[#order + 1] = "b" end
end
collectgarbage()
collectgarbage()
table.sort(order)
print(table.concat(order, ","))
local t = setmetatable({}, {__gc = function() print("never on tables") end}) t = nil collectgarbage() print("end")
