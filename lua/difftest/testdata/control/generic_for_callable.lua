-- A table with __call as iterator.
local counter = setmetatable({n = 0}, {__call = function(self, limit, c)
  self.n = self.n + 1
  if self.n <= limit then return self.n, (c or "start") end
end})
for i, c in counter, 3 do print(i, c) end
local nested = setmetatable({}, {__call = setmetatable({}, {__call = function(...) return nil end})})
print(pcall(function() for x in nested do print(x) end end))
