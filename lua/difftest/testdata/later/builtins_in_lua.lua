-- Errors of the functions LuaJIT itself has in Lua: the operand is named, not the argument.
print(pcall(function() return (math.deg()) end))
print(pcall(function() return (math.rad({})) end))
