-- The generator's very sequence (a Tausworthe generator seeded as LuaJIT does it).
math.randomseed(1)
for i = 1, 5 do io.write(math.random(1000), " ") end print()
print(("%.14g"):format(math.random()))
math.randomseed(123.456)
print(math.random(1, 1000000), math.random(1, 1000000))
