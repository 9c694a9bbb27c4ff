-- A binary heap as priority queue, and heap sort.
local Heap = {} Heap.__index = Heap
function Heap.new(less) return setmetatable({n = 0, less = less or function(a, b) return a < b end}, Heap) end
function Heap:push(v)
  self.n = self.n + 1
  local i = self.n
  self[i] = v
  while i > 1 do
    local p = math.floor(i / 2)
    if not self.less(self[i], self[p]) then break end
    self[i], self[p] = self[p], self[i]
    i = p
  end
end
function Heap:pop()
  if self.n == 0 then return nil end
  local top = self[1]
  self[1], self[self.n] = self[self.n], nil
  self.n = self.n - 1
  local i = 1
  while true do
    local l, r, m = 2 * i, 2 * i + 1, i
    if l <= self.n and self.less(self[l], self[m]) then m = l end
    if r <= self.n and self.less(self[r], self[m]) then m = r end
    if m == i then return top end
    self[i], self[m] = self[m], self[i]
    i = m
  end
end
local h = Heap.new()
for _, v in ipairs {5, 2, 8, 1, 9, 3, 7, 1} do h:push(v) end
local out = {} for v in function() return h:pop() end do out[#out + 1] = v end
print(table.concat(out, " "), h:pop(), h.n)
local jobs = Heap.new(function(a, b) if a.pri ~= b.pri then return a.pri > b.pri end return a.seq < b.seq end)
for i, w in ipairs {"low", "urgent", "normal", "urgent2", "low2"} do
  jobs:push({pri = ({low = 1, normal = 5, urgent = 9})[w:match("%a+")], seq = i, name = w})
end
while jobs.n > 0 do io.write(jobs:pop().name, " ") end print()
local seed, sorted, last = 1, true, -1
local big = Heap.new() for i = 1, 3000 do seed = (seed * 48271) % 2147483647 big:push(seed % 10007) end
local sum = 0 while big.n > 0 do local v = big:pop() if v < last then sorted = false end last = v sum = sum + v end
print(sorted, sum, last)
