-- __len on tables is honoured only by builds with 5.2 compatibility.
local t = setmetatable({1, 2, 3}, {__len = function() return 42 end})
print(#t)
print(table.getn and table.getn(t), table.maxn(t))
