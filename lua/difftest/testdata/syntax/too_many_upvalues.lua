-- 60 upvalues are allowed. (LuaJIT refuses the 61st, OpenResty's branch and we the 121st.)
local function build(n)
  local decl, use = {}, {}
  for i = 1, n do decl[i] = "local u" .. i .. " = " .. i; use[i] = "u" .. i end
  return table.concat(decl, "\n") .. "\nreturn function() return " .. table.concat(use, " + ") .. " end"
end
print(loadstring(build(60), "=s")()())
