-- Sorting of strings by bytes.
local t = {"banana", "apple", "Cherry", "", "a", "B", "apple pie", "app", "\255", "1", "10", "2", "_x", "~", "a\0b", "a\0a", "Äpfel"}
table.sort(t)
for i, v in ipairs(t) do t[i] = v:gsub("%z", "\\0") end
print(table.concat(t, "|"))
print("a" < "b", "a" < "B", "Z" < "a", "" < "\0", "\0" < "\1", "\127" < "\128", "abc" < "abd", "abc" <= "abc", "ab" > "abc")
