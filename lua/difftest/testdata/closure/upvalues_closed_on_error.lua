-- Variables captured by closures survive an error that unwinds their scope.
local keep
local ok, e = pcall(function()
  local n, t = 1, {}
  keep = function(d) n = n + d t[#t + 1] = n return n, #t end
  keep(10)
  do
    local inner = "inner"
    t.get = function() return inner .. n end
    error(t)
  end
end)
print(ok, type(e), e.get(), keep(1))
print(e.get(), e[1], e[2])
local co = coroutine.create(function()
  local v = 5
  keep = function() v = v * 2 return v end
  coroutine.yield()
  error("gone")
end)
coroutine.resume(co)
print(keep(), keep())
print(coroutine.resume(co))
print(keep(), coroutine.status(co))
for i = 1, 3 do
  pcall(function()
    local x = i
    keep = function() x = x + 1 return x end
    local _ = x.y.z
  end)
  print(keep(), keep())
end
