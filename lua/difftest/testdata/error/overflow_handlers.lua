-- A message handler sees a stack overflow each time, whatever the size of the frames on the stack.
local function overflows(f)
  local ok, trace = xpcall(f, debug.traceback, 1)
  local lines = 0
  for _ in trace:gmatch("\n") do lines = lines + 1 end
  return ok, trace:find("stack overflow\nstack traceback:", 1, true) ~= nil, lines
end
for round = 1, 3 do
  for n = 0, 20 do
    local locals = ("local _ "):rep(n)
    local fixed = loadstring("local function f(a, b) " .. locals .. " return 1 + f(1, 2) end return f", "=f")()
    local any = loadstring("local function f(...) " .. locals .. " return 1 + f(1, ...) end return f", "=f")()
    print(round, n, overflows(fixed))
    print(round, n, overflows(any))
  end
end
local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
print(deep(5000))
