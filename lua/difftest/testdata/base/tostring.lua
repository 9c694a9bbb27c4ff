-- tostring of each type.
print(tostring(nil), tostring(true), tostring(1), tostring(-1.5), tostring("s"), tostring(1e100))
print((tostring({}):gsub("0x%x+", "ADDR")), (tostring(function()
end):gsub("0x%x+", "ADDR")), (tostring(coroutine.create(function()
end)):gsub("0x%x+", "ADDR")))
print(pcall(function() return (tostring()) end))
local t = {}
print(tostring(t) == tostring(t), tostring(t) ~= tostring({}), tostring(print):match("^function: "), tostring(io.stdout):match("^file %("))
print(tostring(1, 2), tostring(nil, 1), #tostring(12345.678))
