-- A round-robin scheduler with sleeping tasks and messages.
local tasks, time, log = {}, 0, {}
local function spawn(name, f) tasks[#tasks + 1] = {name = name, co = coroutine.create(f), at = 0} end
local function sleep(n) coroutine.yield(n) end
spawn("A", function() for i = 1, 3 do log[#log + 1] = time .. ":A" .. i sleep(2) end end)
spawn("B", function() for i = 1, 2 do log[#log + 1] = time .. ":B" .. i sleep(3) end error("B failed") end)
spawn("C", function() sleep(1) spawn("D", function() log[#log + 1] = time .. ":D" end) log[#log + 1] = time .. ":C" end)
while #tasks > 0 do
  local i = 1
  while i <= #tasks do
    local t = tasks[i]
    if t.at <= time then
      local ok, n = coroutine.resume(t.co)
      if not ok then log[#log + 1] = t.name .. " " .. n end
      if coroutine.status(t.co) == "dead" then table.remove(tasks, i) i = i - 1 else t.at = time + n end
    end
    i = i + 1
  end
  time = time + 1
end
print(table.concat(log, " "), time)
