-- A label's name may recur in separate blocks and functions.
for i = 1, 2 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    io.write(i, j, " ")
    ::continue::
  end
  for j = 1, 3 do
    if j == 1 then goto continue end
    io.write(i, j, "' ")
    ::continue::
  end
end
print()
local function f() do goto e end ::e:: return 1 end
local function g() goto e ::e:: return 2 end
print(f(), g())
do goto a; ::a:: end
do goto a; ::a:: end
print("ok")
