-- Coroutines as generators: a pipeline of wrapped coroutines, an in-order walk of a tree, and a scheduler of tasks that take turns.
local wrap, yield = coroutine.wrap, coroutine.yield
local function numbers(n)
  return wrap(function()
    for i = 1, n do
      yield(i)
    end
  end)
end
local function filter(from, keep)
  return wrap(function()
    for v in from do
      if keep(v) then yield(v) end
    end
  end)
end
local function map(from, f)
  return wrap(function()
    for v in from do
      yield(f(v))
    end
  end)
end
local sum = 0
for v in map(filter(numbers(400000), function(v) return v % 3 == 0 end), function(v) return v * 2 end) do
  sum = sum + v
end

local function insert(tree, key)
  if not tree then return {key = key} end
  if key < tree.key then
    tree.left = insert(tree.left, key)
  else
    tree.right = insert(tree.right, key)
  end
  return tree
end
local function walk(tree)
  if tree then
    walk(tree.left)
    yield(tree.key)
    walk(tree.right)
  end
end
local tree
for i = 1, 5000 do
  tree = insert(tree, i * 7919 % 5003)
end
local ordered, last = true, -1
for _ = 1, 30 do
  last = -1
  for key in wrap(function() walk(tree) end) do
    ordered = ordered and key >= last
    last = key
  end
end

local tasks, turns, log = {}, 0, 0
for i = 1, 100 do
  tasks[i] = coroutine.create(function(budget)
    local done = 0
    while done < 6000 + i do
      done = done + budget
      budget = yield(done)
    end
    return done
  end)
end
while #tasks > 0 do
  for i = #tasks, 1, -1 do
    local ok, done = coroutine.resume(tasks[i], turns % 5 + 1)
    if not ok then error(done) end
    turns = turns + 1
    if coroutine.status(tasks[i]) == "dead" then
      log = log + done
      table.remove(tasks, i)
    end
  end
end
print(sum, ordered, last, turns, log)
