-- Numeric, doubles in locals: the points of a 400 x 400 grid that stay within 2 for 50 rounds of z^2 + c.
local size, limit = 400, 50
local inside, rounds = 0, 0
for row = 0, size - 1 do
  local ci = 2 * row / size - 1
  for column = 0, size - 1 do
    local cr = 2 * column / size - 1.5
    local zr, zi, r2, i2 = 0, 0, 0, 0
    local n = 0
    while n < limit and r2 + i2 <= 4 do
      zi = 2 * zr * zi + ci
      zr = r2 - i2 + cr
      r2, i2 = zr * zr, zi * zi
      n = n + 1
    end
    rounds = rounds + n
    if n == limit then inside = inside + 1 end
  end
end
print(inside, rounds)
