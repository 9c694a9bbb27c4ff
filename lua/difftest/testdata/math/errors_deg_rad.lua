-- math.deg and math.rad, which LuaJIT has in Lua: their errors name the operand, not the argument.
print(pcall(function() return (math.deg()) end))
print(pcall(function() return (math.rad({})) end))
