-- An error inside the message handler.
print(xpcall(function() error("first") end, function(m) error("second") end))
print(xpcall(function() error("first") end, function(m) local x = nil; return x.y end))
local n = 0
print(xpcall(function() error("first") end, function(m) n = n + 1 if n < 3 then error("again") end return "stopped at " .. n end))
print(pcall(xpcall, function() error("x") end, function() error("y") end))
print(pcall(function() xpcall(function() error("first") end, 5) end))
