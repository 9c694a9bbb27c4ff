-- Calls of a string builtin with an index: string.byte, 1e7 times.
local byte = string.byte
local text = "The quick brown fox jumps over the lazy dog"
local len = #text
local s = 0
for i = 1, 1e7 do
  s = s + byte(text, i % len + 1)
end
print(s)
