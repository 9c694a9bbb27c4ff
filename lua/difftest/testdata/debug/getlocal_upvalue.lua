-- getlocal, getupvalue, setupvalue, upvalueid, upvaluejoin.
local up1, up2 = 10, "u"
local function f(a, b)
  local c = a + b
  local r = {}
  local i = 1
  while true do local n, v = debug.getlocal(1, i) if not n then break end r[#r + 1] = n .. "=" .. type(v) i = i + 1 end
  return table.concat(r, " "), up1, up2
end
print(f(1, 2)) print(debug.getupvalue(f, 1)) print(debug.getupvalue(f, 2))
print(debug.getupvalue(f, 9)) print(debug.setupvalue(f, 1, 99), up1)
print(debug.setupvalue(f, 9, 1))
local function g() return up1 end
local function h() return up2 end
print(debug.upvalueid(f, 1) == debug.upvalueid(g, 1), debug.upvalueid(g, 1) == debug.upvalueid(h, 1))
debug.upvaluejoin(g, 1, h, 1)
print(g()) print(pcall(debug.getlocal, 100, 1)) print(pcall(debug.getupvalue, 1, 1))
print(debug.getlocal(f, 1), debug.getlocal(f, 2))
local function s(x) print(debug.setlocal(1, 1, "set"), x) end s(1)
