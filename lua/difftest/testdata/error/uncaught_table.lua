-- A script that ends with an uncaught table error without __tostring.
print("before")
error({code = 1})
