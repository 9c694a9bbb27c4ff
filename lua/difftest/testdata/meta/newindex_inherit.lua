-- A table as __newindex honours its own metatable; nil values trigger it again.
local base = {}
local t = setmetatable({}, {__index = base, __newindex = base})
t.k = 1
print(rawget(t, "k"), base.k, t.k)
base.k = nil
t.k = 2
print(base.k)
t[1], t[2] = "a", "b"
print(#base, #t, base[2])
