-- Long lists of arguments and results.
local t = {}
for i = 1, 200 do t[i] = i end
local function sum(...) local s = 0 for _, v in ipairs({...}) do s = s + v end return s end
print(sum(unpack(t)), select("#", unpack(t)), (select(200, unpack(t))))
local function id(...) return ... end
print(select("#", id(id(unpack(t)))), select("#", unpack(t, 1, 150)))
for i = 201, 5000 do t[i] = i end
print(sum(unpack(t)), select("#", id(unpack(t))))
print(pcall(function() return (unpack(t, 1, 1e8)) end))
print(pcall(function() return (unpack(t, -1e9, 1e9)) end))
print(math.max(unpack(t)), #string.char(unpack((function() local r = {} for i = 1, 1000 do r[i] = 65 end return r end)())))
