-- Constructs longer than a jump or an operand can reach.
local function try(src)
  local f, e = loadstring(src, "=s")
  print(f ~= nil, e)
end
try("while x do " .. ("y = y + 1 "):rep(1000) .. " end")
try("while x do " .. ("y = y + 1 "):rep(12000) .. " end")
try("if x then " .. ("y = y + 1 "):rep(12000) .. " end")
try("for i = 1, 2 do " .. ("y = y + 1 "):rep(12000) .. " end")
