-- Many short-lived tables; the survivors stay intact.
local keep, sum = {}, 0
for i = 1, 60000 do local t = {i, i + 1, x = {i}} if i % 1000 == 0 then keep[#keep + 1] = t end sum = sum + t[2] - t.x[1] end
print(#keep, sum) local ok = true for i, t in ipairs(keep) do if t[1] ~= i * 1000 or t.x[1] ~= i * 1000 then ok = false end end print(ok)
local list = nil
for i = 1, 50000 do list = {next = list, v = i} end
local n, s = 0, 0
while list do n = n + 1 s = s + list.v list = list.next end
print(n, s)
local ring = {}
for i = 1, 100 do ring[i] = {} end
for r = 1, 300 do for i = 1, 100 do ring[i] = {ring[i % 100 + 1] and 1, r, i} end end
print(ring[50][2], ring[100][3])
