-- Calls: naive Fibonacci, 1.3 million of them with two arithmetic operations and a comparison each.
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
print(fib(30))
