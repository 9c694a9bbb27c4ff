-- Loops within loops, with breaks that leave only the inner one.
local out = {}
for i = 1, 4 do
  local j = 0
  while true do
    j = j + 1
    if j > i then break end
    local k = j
    repeat
      k = k - 1
      if k == 1 then break end
      out[#out + 1] = i .. j .. k
    until k <= 0
    if #out > 100 then break end
  end
end
print(#out, table.concat(out, " "))
