-- Yields inside iterator functions and the bodies of for-in.
local function iter() return function(_, i) i = i + 1 if i <= 3 then coroutine.yield("iterator", i) return i end end, nil, 0 end
local co = coroutine.wrap(function() for i in iter() do coroutine.yield("body", i) end return "end" end)
for _ = 1, 7 do print(co()) end
local co2 = coroutine.wrap(function()
  for k, v in pairs({10, 20}) do coroutine.yield(k, v) end
  for i, v in ipairs({5}) do coroutine.yield(i, v) end
  for w in ("a b"):gmatch("%a") do coroutine.yield(w) end
end)
for _ = 1, 6 do print(co2()) end
