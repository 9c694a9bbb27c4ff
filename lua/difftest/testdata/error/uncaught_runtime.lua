-- A script that ends with an uncaught run-time error.
local t = {}
print("before")
print(t.a.b)
