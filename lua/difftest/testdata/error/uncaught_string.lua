-- A script that ends with an uncaught string error.
print("before")
local function f() error("final words") end
f()
