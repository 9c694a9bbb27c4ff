-- %q makes text that the lexer reads back.
local f = string.format
print(f("%q", 'say "hi"'), f("%q", "a\nb"), f("%q", "back\\slash"), f("%q", "tab\there"), f("%q", "nul\0end"), f("%q", "\0001"),
  f("%q", "\r\n"), f("%q", "\1272"), f("%q", "\200\255"), f("%q", ""))
local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
local s = table.concat(all)
print(loadstring("return " .. f("%q", s))() == s, f("%q", 12.5), f("%q", 5))
print(pcall(f, "%q", nil)) print(pcall(f, "%q", true)) print(pcall(f, "%q"))
