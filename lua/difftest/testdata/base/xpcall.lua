-- xpcall: handler, arguments, results, non-string errors, missing handler.
print(xpcall(function(...) return ... end, print, 1, 2, 3))
print(xpcall(function() error("e", 0) end, function(m) return "handled " .. m, "second" end))
print(xpcall(function() error({1}) end, function(m) return type(m) end))
print(xpcall(function() local x = nil; return x.y end, function(m) return "H:" .. m end))
print(xpcall(error, function(m) return m end)) print(xpcall(error, function(m) return m end, "arg"))
print(xpcall(nil, function(m) return "nofn: " .. tostring(m) end))
print(pcall(xpcall)) print(pcall(xpcall, print)) print(pcall(xpcall, print, nil))
print(select("#", xpcall(function() error() end, function(...) return select("#", ...) end)))
local depth
print(xpcall(function() error("x") end, function() depth = debug.traceback("", 1):match("in function 'error'") return "traced" end), depth)
print(xpcall(function() return (pcall(error, "inner")) end, print))
