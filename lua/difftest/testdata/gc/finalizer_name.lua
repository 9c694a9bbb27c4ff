-- The name of a finalizer tells at which instruction it ran.
local done, name, what, line
local function gc()
  if done == "end" then return end
  local i = debug.getinfo(1, "nS")
  name, what, line = i.name, i.namewhat, debug.getinfo(2, "l").currentline
  done = true
end
local x
local function run(f)
  collectgarbage()
  done = false
  local u = newproxy(true)
  getmetatable(u).__gc = gc
  u = nil
  for i = 1, 1e7 do
    f(i)
    if done then break end
  end
  print(name, what, line)
end
run(function() x = {} end)
run(function() x = { 1 } end)
run(function(i) x = function() return i end end)
run(function(i) x = i .. "" end)
run(function(i) x = tostring(i) end)
done = "end"
