-- __index that is neither a table nor a function is indexed itself.
print(setmetatable({}, {__index = "abc"}).len == string.len)
print(pcall(function() return setmetatable({}, {__index = 5}).x end))
print(pcall(function() return setmetatable({}, {__index = true}).x end))
print(pcall(function() setmetatable({}, {__newindex = 5}).x = 1 end))
print(pcall(function() setmetatable({}, {__newindex = function(_, k, v) print(k, v) end})[nil] = 1 end))
