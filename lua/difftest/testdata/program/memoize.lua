-- Memoization with several arguments, weak caches, and recursion.
local function memoize(f)
  local root, calls = {}, 0
  local VALUE = {}
  return function(...)
    local node = root
    for i = 1, select("#", ...) do
      local k = select(i, ...)
      if k == nil then k = VALUE end
      node[k] = node[k] or {}
      node = node[k]
    end
    if not node[VALUE] then calls = calls + 1 node[VALUE] = {f(...)} end
    return unpack(node[VALUE])
  end, function() return calls end
end
local fib, calls fib, calls = memoize(function(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end)
print(("%.0f"):format(fib(80)), calls())
local add, n = memoize(function(a, b, c) return (a or 0) + (b or 0) + (c or 0), "sum" end)
print(add(1, 2)) print(add(1, 2)) print(add(1, nil, 2)) print(add(1, 2, nil)) print(n())
local function binom(n, k) if k == 0 or k == n then return 1 end return binom(n - 1, k - 1) + binom(n - 1, k) end
local env = setmetatable({}, {__index = _G}) local fast = memoize(binom) env.binom = fast setfenv(binom, env) print(binom(20, 10))
local lcs
lcs = memoize(function(a, b)
  if a == "" or b == "" then return "" end
  local x, y = a:sub(1, -2), b:sub(1, -2)
  if a:sub(-1) == b:sub(-1) then return lcs(x, y) .. a:sub(-1) end
  local p, q = lcs(x, b), lcs(a, y)
  return #p >= #q and p or q
end)
print(lcs("AGGTABQWERTY", "GXTXAYBQRTE"))
