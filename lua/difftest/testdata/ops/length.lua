-- # on strings and on sequences.
print(#"", #"abc", #"a\0b", #{}, #{1}, #{1, 2, 3}, #{n = 1}, #{1, 2, nil})
local t = {}
for i = 1, 100 do t[i] = i end
print(#t)
for i = 100, 51, -1 do t[i] = nil end
print(#t)
t[#t + 1] = "x"
print(#t, t[51])
print(#{[1] = "a", [2] = "b"}, #{[0] = 1}, #{[2] = 1, [1] = 1})
print(#{...} == 0, #{(function() return 1, 2, 3 end)()})
