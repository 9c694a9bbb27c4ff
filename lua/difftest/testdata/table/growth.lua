-- Tables that grow and shrink through all sizes keep their contents.
local t = {}
for i = 1, 3000 do t[i] = i t["s" .. i] = -i end
local a, b = 0, 0
for i = 1, 3000 do a = a + t[i] b = b + t["s" .. i] end
print(a, b, #t)
for i = 1, 3000, 2 do t["s" .. i] = nil end
local n = 0
for k, v in pairs(t) do if type(k) == "string" then n = n + 1 end end
print(n)
for i = 3000, 1, -1 do t[i] = nil end
print(#t, t.s2, t.s1)
local s = {}
for i = 1, 100 do s[i * 1000] = i end
n = 0 for k in pairs(s) do n = n + k end
print(n, s[100000], s[99999])
local neg = {}
for i = -50, 50 do neg[i] = i end
print(#neg, neg[-50], neg[0])
