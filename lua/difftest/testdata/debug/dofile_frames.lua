-- dofile stands on the stack between the caller and the file: levels, tracebacks, error positions, results.
local name = os.tmpname()
local function clean(s)
  return (s:gsub("[%w/_.]*lua_%w+", "FILE"):gsub("0x%x+", "ADDRESS"))
end

local f = io.open(name, "w")
f:write [[
print(debug.getinfo(1, "S").what, debug.getinfo(2, "S").what, debug.getinfo(3, "S").what)
print(debug.getinfo(2, "n").name, select("#", ...))
local function down(n)
  if n == 0 then return "deep" end
  return down(n - 1)
end
if want == "caller" then error("blamed on the caller", 2)
elseif want == "here" then error("blamed on the file")
elseif want == "many" then return 1, 2, 3
elseif want == "tail" then return down(50)
elseif want == "nothing" then return end
return "end", nil
]]
f:close()

local function show(ok, first, ...)
  if type(first) == "string" then first = clean(first) end
  print(ok, first, select("#", ...), ...)
end
for _, how in ipairs { "caller", "here", "many", "tail", "nothing", "end" } do
  want = how
  print("--", how)
  show(pcall(dofile, name))
  show(pcall(function() local a, b, c, d = dofile(name) return a, b, c, d, "z" end))
  show(pcall(function() return dofile(name) end))
end

want = "here"
print(clean(select(2, xpcall(function() dofile(name) return 1 end, debug.traceback))))
os.remove(name)
print((pcall(dofile, name)))
