-- Each pass through a block by goto makes fresh locals.
local fs = {}
local i = 1
::loop::
do
  local x = i * 10
  fs[#fs + 1] = function() x = x + 1 return x end
end
i = i + 1
if i <= 3 then goto loop end
print(fs[1](), fs[1](), fs[2](), fs[3](), fs[1]())
local hs = {}
do
  local j = 0
  ::again::
  local y = j
  hs[#hs + 1] = function() y = y + 100 return y end
  j = j + 1
  if j < 3 then goto again end
end
print(hs[1](), hs[2](), hs[3](), hs[1]())
