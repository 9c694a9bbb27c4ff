-- 200 locals are allowed, 201 are not.
local function build(n)
  local t = {}
  for i = 1, n do t[i] = "local a" .. i end
  return table.concat(t, "\n")
end
print(loadstring(build(200), "=s") ~= nil)
print(select(2, loadstring(build(201), "=s")))
print(select(2, loadstring("function f()\n" .. build(201) .. "\nend", "=s")))
local names = {}
for i = 1, 201 do names[i] = "v" .. i end
print(select(2, loadstring("local " .. table.concat(names, ","), "=s")))
print(select(2, loadstring("function g(" .. table.concat(names, ",") .. ") end", "=s")))
print(loadstring("do " .. build(150) .. " end do " .. build(150) .. " end", "=s") ~= nil)
