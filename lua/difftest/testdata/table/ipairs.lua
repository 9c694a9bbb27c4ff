-- ipairs stops at the first nil and sees changes on the way.
for i, v in ipairs({"a", "b", nil, "d"}) do io.write(i, v, " ") end print()
local t = {1, 2, 3}
for i, v in ipairs(t) do if i < 6 then t[#t + 1] = v * 10 end io.write(v, " ") end print(#t)
for i, v in ipairs(t) do t[i + 1] = nil io.write(i, " ") end print()
for i in ipairs({}) do print("never") end
for i, v in ipairs({[0] = "z", "one"}) do print(i, v) end
for i, v in ipairs(setmetatable({}, {__index = function(_, i) if i < 4 then return i * i end end})) do io.write(i, "=", v, " ") end print()
local f, s, c = ipairs({5})
print(type(f), type(s), c, f(s, 0))
print(pcall(function() for i in ipairs() do end end))
print(pcall(function() for i in ipairs(nil) do end end))
for i, v in ipairs({false, true, false}) do io.write(i, tostring(v), " ") end print()
