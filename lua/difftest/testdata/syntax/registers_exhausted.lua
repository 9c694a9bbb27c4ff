-- Expressions that need more registers than a frame has.
local function try(src)
  local f, e = loadstring(src, "=s")
  print(f ~= nil, e)
end
local args = {}
for i = 1, 240 do args[i] = "x" end
try("f(" .. table.concat(args, ",") .. ")")
for i = 241, 260 do args[i] = "x" end
try("f(" .. table.concat(args, ",") .. ")")
try("return " .. table.concat(args, ","))
try("local a = {" .. table.concat(args, ",") .. "}")
try("return " .. table.concat(args, ".."))
