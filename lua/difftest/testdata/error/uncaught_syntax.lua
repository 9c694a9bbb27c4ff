-- A script that doesn't compile: nothing of it runs.
print("never printed")
local x = = 5
