-- A script that ends with an uncaught error object that has __tostring.
print("before")
error(setmetatable({}, {__tostring = function() return "an object" end}))
