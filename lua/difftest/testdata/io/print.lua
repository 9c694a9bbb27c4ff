-- print: tabs, nil, booleans, numbers, __tostring, zero bytes, a replaced tostring.
print() print(nil) print(nil, nil) print(true, false) print(1, 1.5, "s") print("") print("a\0b") print("tab\t", "x")
print(setmetatable({}, {__tostring = function() return "T" end}))
local old = tostring
tostring = function(v) return "<" .. old(v) .. ">" end
print(1, "x", nil)
tostring = old
print((select("#", print())))
print(pcall(print, setmetatable({}, {__tostring = function() return 1 end})))
