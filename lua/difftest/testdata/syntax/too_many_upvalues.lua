-- 60 upvalues are allowed, 61 are not.
local function build(n)
  local decl, use = {}, {}
  for i = 1, n do decl[i] = "local u" .. i .. " = " .. i; use[i] = "u" .. i end
  return table.concat(decl, "\n") .. "\nreturn function() return " .. table.concat(use, " + ") .. " end"
end
print(loadstring(build(60), "=s")()())
print(select(2, loadstring(build(61), "=s")))
print(select(2, loadstring("local function outer()\n" .. build(61) .. "\nend", "=s")))
