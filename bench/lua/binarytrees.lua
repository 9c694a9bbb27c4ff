-- Allocation and the collector: many short-lived binary trees beside one that stays.
local function build(depth)
  if depth == 0 then return {} end
  return {build(depth - 1), build(depth - 1)}
end
local function nodes(tree)
  if tree[1] then return 1 + nodes(tree[1]) + nodes(tree[2]) end
  return 1
end
local deepest = 14
local kept = build(deepest)
local total = 0
for depth = 4, deepest, 2 do
  local count = 2 ^ (deepest - depth + 3)
  for _ = 1, count do
    total = total + nodes(build(depth))
  end
end
print(total, nodes(kept))
