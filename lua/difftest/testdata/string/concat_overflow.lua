-- A result of .. beyond 2 GiB is an error of its own, raised before anything is copied.
local s = ("\0"):rep(2 ^ 24)
local function joins(n)
  return assert(loadstring("return function(a) return a" .. ("..a"):rep(n - 1) .. " end", "=joins"))()
end
print(pcall(joins(129), s))
print(pcall(joins(128), s))
print(#joins(2)(s))
