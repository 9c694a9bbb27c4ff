-- Wrapped functions stored in objects, and coroutines passed around.
local Q = {}
Q.__index = Q
function Q.new()
  local self = setmetatable({items = {}}, Q)
  self.next = coroutine.wrap(function()
    while true do for i = 1, #self.items do coroutine.yield(self.items[i]) end coroutine.yield(nil) end
  end)
  return self
end
local q = Q.new() q.items = {1, 2} print(q.next(), q.next(), q.next(), q.next())
local co = coroutine.create(function() return coroutine.yield() end)
local function helper(c, ...) return select(2, coroutine.resume(c, ...)) end
print(helper(co)) print(helper(co, "passed"))
print(pcall(coroutine.wrap(function(...) return select("#", ...) end), 1, 2, 3))
