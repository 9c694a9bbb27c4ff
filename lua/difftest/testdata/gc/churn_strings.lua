-- Many short-lived strings; interning stays consistent.
local seen, n = {}, 0
for i = 1, 60000 do local s = "key" .. i % 500 .. "suffix" if not seen[s] then seen[s] = i n = n + 1 end end
print(n, seen.key499suffix, seen.key0suffix)
local s = ""
for i = 1, 2000 do s = s .. string.char(97 + i % 26) end
print(#s, s:sub(1, 30))
local parts = {}
for i = 1, 20000 do parts[#parts + 1] = ("%05d"):format(i):reverse() end
local all = table.concat(parts)
print(#all, all:sub(1, 20), all:sub(-10))
local c = 0
for w in all:gmatch("00%d") do c = c + 1 end
print(c)
local m = {}
for i = 1, 20000 do m[("x"):rep(i % 50) .. i] = true if i > 1000 then m[("x"):rep((i - 1000) % 50) .. (i - 1000)] = nil end end
local k = 0
for _ in pairs(m) do k = k + 1 end
print(k)
