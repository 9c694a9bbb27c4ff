-- Counting words, letters and pairs of a text.
local text = [[
It was the best of times, it was the worst of times, it was the age of wisdom,
it was the age of foolishness, it was the epoch of belief, it was the epoch of
incredulity, it was the season of Light, it was the season of Darkness...
]]
local words, total = {}, 0
for w in text:lower():gmatch("%a+") do words[w] = (words[w] or 0) + 1 total = total + 1 end
local list = {} for w, n in pairs(words) do list[#list + 1] = {w = w, n = n} end
table.sort(list, function(a, b) if a.n ~= b.n then return a.n > b.n end return a.w < b.w end)
print(total, #list)
for i = 1, 8 do print(("%-10s %3d %5.1f%% %s"):format(list[i].w, list[i].n, list[i].n / total * 100, ("#"):rep(list[i].n))) end
local letters, m = {}, 0 for c in text:gmatch("%a") do c = c:upper() letters[c] = (letters[c] or 0) + 1 m = m + 1 end
local keys = {}
for c in pairs(letters) do keys[#keys + 1] = c end
table.sort(keys)
for i, c in ipairs(keys) do keys[i] = c .. letters[c] end
print(m, table.concat(keys, " "))
local pairs_, prev = {}, nil
for w in text:lower():gmatch("%a+") do if prev then local k = prev .. " " .. w pairs_[k] = (pairs_[k] or 0) + 1 end prev = w end
local best = {}
for k, n in pairs(pairs_) do if n >= 4 then best[#best + 1] = k .. "=" .. n end end
table.sort(best)
print(table.concat(best, ", "))
local lines = {} for l in text:gmatch("([^\n]*)\n") do lines[#lines + 1] = #l end print(#lines, table.concat(lines, " "), #text) 
local longest = ""
for w in text:gmatch("%a+") do if #w > #longest then longest = w end end
print(longest, (text:gsub("%s+", " "):gsub("^ ", ""):sub(1, 40)))
