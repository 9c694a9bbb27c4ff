-- goto as continue, as loop, out of nested loops.
for i = 1, 6 do
  if i % 2 == 0 then goto continue end
  io.write(i, " ")
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if i * j == 4 then print("found", i, j) goto done end
  end
end
::done::
local n = 0
::top::
n = n + 1
if n < 5 then goto top end
print(n)
do
  local k = 1
  ::again::
  if k <= 3 then io.write(k, ";") k = k + 1 goto again end
  print()
end
while true do
  if n > 7 then goto out end
  n = n + 1
end
::out:: print(n)
repeat
  if n > 5 then goto cont end
  ::cont::
until true
do goto skip end
print("skipped")
::skip::
print("end")
