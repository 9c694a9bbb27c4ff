-- Locals captured in loops left by break.
local fs = {}
for i = 1, 5 do
  local v = i * 2
  fs[i] = function() v = v + 1 return i, v end
  if i == 3 then break end
end
print(#fs, fs[1](), fs[3]())
print(fs[3]())
local f
while true do local z = 7 f = function() return z end break end
print(f())
for k, v in pairs({x = 1}) do f = function() return k, v end break end
print(f())
