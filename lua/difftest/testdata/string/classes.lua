-- Every character class over all 256 bytes.
for _, c in ipairs {"a", "c", "d", "g", "l", "p", "s", "u", "w", "x", "z", "A", "D", "S", "W", "Z", "G"} do
  local n, first, last, sum = 0, nil, nil, 0
  for b = 0, 255 do
    if string.char(b):find("%" .. c) then n = n + 1 first = first or b last = b sum = sum + b end
  end
  print(c, n, first, last, sum)
end
print(("a-z"):find("[a%-z]+"), ("]"):find("[]]"), ("^"):find("[%^]"), ("a^"):find("[a^]+"), ("-"):find("[a-]"), ("b"):find("[a-]"),
  ("5"):find("[^%d]"))
