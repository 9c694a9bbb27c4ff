-- A chunk with many different constants, and a large table constructor.
local t = {}
for i = 1, 5000 do t[#t + 1] = "'k" .. i .. "'" end
local f = assert(loadstring("return {" .. table.concat(t, ",") .. "}", "=s"))
local r = f()
print(#r, r[1], r[2500], r[5000])
local u = {}
for i = 1, 3000 do u[i] = "a" .. i .. " = " .. i + 0.5 end
f = assert(loadstring("return {" .. table.concat(u, ",") .. "}", "=s"))
r = f()
print(r.a1, r.a1500, r.a3000)
