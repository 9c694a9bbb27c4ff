-- An LRU cache with a doubly linked list.
local LRU = {}
LRU.__index = LRU
function LRU.new(max)
  local head = {}
  head.next, head.prev = head, head
  return setmetatable({max = max, size = 0, map = {}, head = head, hits = 0, misses = 0}, LRU)
end
local function unlink(n) n.prev.next, n.next.prev = n.next, n.prev end
local function push(head, n) n.next, n.prev = head.next, head head.next.prev = n head.next = n end
function LRU:get(k)
  local n = self.map[k]
  if not n then self.misses = self.misses + 1 return nil end
  self.hits = self.hits + 1
  unlink(n) push(self.head, n)
  return n.value
end
function LRU:set(k, v)
  local n = self.map[k]
  if n then n.value = v unlink(n) push(self.head, n) return end
  if self.size == self.max then
    local last = self.head.prev
    unlink(last)
    self.map[last.key] = nil
    self.size = self.size - 1
  end
  n = {key = k, value = v}
  self.map[k] = n
  push(self.head, n)
  self.size = self.size + 1
end
function LRU:keys()
  local r, n = {}, self.head.next while n ~= self.head do r[#r + 1] = tostring(n.key) n = n.next end return table.concat(r, " ")
end
local c = LRU.new(3)
c:set("a", 1) c:set("b", 2) c:set("c", 3)
print(c:keys(), c:get("a"), c:keys())
c:set("d", 4) print(c:keys(), c:get("b"), c.size)
c:set("c", 33) print(c:keys(), c:get("c"), c.hits, c.misses)
local big, seed = LRU.new(50), 7
for i = 1, 5000 do
  seed = (seed * 16807) % 2147483647
  local k = seed % 80
  if not big:get(k) then big:set(k, i) end
end
print(big.size, big.hits, big.misses, big.hits + big.misses)
