-- Fractional steps: how rounding decides the number of passes.
local function run(a, b, step)
  local n, last = 0, nil
  for i = a, b, step do
    n = n + 1
    last = i
  end
  print(a, b, step, n, ("%.17g"):format(last or 0))
end
run(0, 1, 0.1)
run(1, 0, -0.1)
run(0, 0.3, 0.1)
run(0, 10, 1 / 3)
run(-1, 1, 0.3)
run(0, 1, 1e-3)
run(1e15, 1e15 + 3, 0.5)
run(5, 1, 1)
run(1, 1, -1)
run(0, -1, -0.25)
run(0.5, 3.7, 1.1)
