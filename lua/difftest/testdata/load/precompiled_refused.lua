-- Bytecode that isn't ours is refused with a text, not run.
print(loadstring("\27Lua") == nil, type(select(2, loadstring("\27Lua")))) print(load("\27LJ\2", "=b", "t"))
