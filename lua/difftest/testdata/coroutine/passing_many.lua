-- Many values through resume and yield; nils are kept.
local co = coroutine.create(function(...)
  local args = {n = select("#", ...), ...}
  while true do args = (function(...) return {n = select("#", ...), ...} end)(coroutine.yield(args.n, unpack(args, 1, args.n))) end
end)
print(coroutine.resume(co)) print(coroutine.resume(co, nil)) print(coroutine.resume(co, nil, nil, 3, nil)) 
local big = {} for i = 1, 200 do big[i] = i end
local r = {coroutine.resume(co, unpack(big))} print(#r, r[1], r[2], r[3], r[202])
print(select("#", coroutine.resume(coroutine.create(function(...) return ... end), nil, nil)))
