-- A step of -0 counts down: the sign bit decides.
local function turns(a, b, c) local n = 0 for _ = a, b, c do n = n + 1 if n > 3 then break end end return n end
print(turns(1, 7, -0), turns(1, 7, 0), turns(7, 1, -0), turns(7, 1, 0), turns(1, 1, -0), turns(1, 1, 0), turns("1", "7", "-0"), turns("7", "1", -0))
local n = 0 for _ = 1, 7, -0 do n = n + 1 if n > 3 then break end end print(n)
n = 0 for _ = 7, 1, -0 do n = n + 1 if n > 3 then break end end print(n)
n = 0 for _ = 7, 1, 0 do n = n + 1 if n > 3 then break end end print(n)
n = 0 for i = 3, 3, 0 * -1 do n = n + 1 if n > 3 then break end end print(n)
