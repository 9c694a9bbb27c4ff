-- A script that ends with error(nil).
print("before")
error(nil)
