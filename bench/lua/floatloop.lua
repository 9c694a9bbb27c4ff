-- A numeric loop: 1e7 passes with a modulo, a multiplication and two additions on doubles.
local s = 0.5
for i = 1, 1e7 do
  s = s + i % 7 * 0.25
end
print(s * 4)
