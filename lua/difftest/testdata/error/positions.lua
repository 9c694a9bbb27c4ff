-- Line numbers in errors of multi-line statements, after long functions, and in loops.
local function e(f) print((select(2, pcall(f)))) end
e(function()
  local a = 1

  local b = a + nil
end)
e(function()
  for i = 1, 3 do
    if i == 2 then
      error("loop " .. i)
    end
  end
end)
e(function() local t = {
    x = 1,
    y = (nil)(),
  }
end)
e(function()
  local s = "a" ..
    "b" ..
    nil
end)
e(function()
  return 1 +
    2 +
    {}
end)
e(function()
  local x = (
    function() error("inner fn") end
  )()
end)
e(function()
  if nil > 1
  then
  end
end)
e(function()
  print(
    1,
    nofunc()
  )
end)
