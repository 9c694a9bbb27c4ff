-- string.dump, loading what it gives, and what is refused.
local function f(a, b) local up = a * 2 return up + b, "const" end
local s = string.dump(f)
print(type(s), s:byte(1), loadstring(s)(3, 4))
print(loadstring(s, "=x") ~= nil, load(s, "=d", "t"))
print(load("x = 1", "=d", "b"))
print(load("", "=d", "b"))
print(load("x = 1", "=d", ""))
print(load("x = 1", "=d", "q"))
print(type(load(s, "=d", "b")), type(load(s, "=d", "bt")))
print(load(s:sub(1, 30)))
print(load(s:sub(1, 30), "=nm"))
print(load(s:sub(1, 30), "@nm"))
print(load("\27Lua", "zz"))
print(load("\27"))
print(pcall(load, s, "=d", {}))
print(pcall(string.dump, print))
print(pcall(string.dump))
print(pcall(string.dump, 1))
print(pcall(coroutine.wrap(function() string.dump(string.dump) end)))
local function try(source, strip, ...) return load(string.dump(load(source, "=chunk"), strip), ...) end
print(pcall(try("local a = 1\n\nerror('x')")))
print(pcall(try("local a = 1\n\nerror('x')", true, "=nm")))
print(pcall(try("local a = 1\n\nerror('x')", true)))
print(pcall(try("local a = 1\n\nlocal b = a.b.c", true, "=nm")))
print(pcall(try("local a = 1\n\nlocal b = a.b.c")))
print(pcall(try("return undefined.x")))
print(pcall(try("return undefined.x", true, "=nm")))
local function info(g) local i = debug.getinfo(g) print(i.source, i.short_src, i.linedefined, i.lastlinedefined, i.what, i.nups, i.nparams, i.isvararg) end
info(try("local a = 1\n\nreturn a"))
info(try("local a = 1\n\nreturn a", true, "=nm"))
info(load(string.dump(f)))
info(load(string.dump(f, true), "=f"))
local up = 5
for _, strip in ipairs { false, true } do
  local h = loadstring(string.dump(function(a, b) local c up = up or a return up end, strip))
  print(pcall(h)) print(debug.getupvalue(h, 1)) print(h(7), h(8)) print(debug.getlocal(h, 1)) print(debug.getlocal(h, 3))
end
-- Functions within functions, loops, constants of all kinds.
local big = [[
local t, n = {1, 2.5, -0, "s\0t", nil, true, [10] = false, x = 1/0, y = -1/0, z = 1e300}, 0
for i = 1, 10 do for k, v in pairs(t) do if type(v) == "number" then n = n + v * i end end end
local function fact(k) if k < 2 then return 1 end return k * fact(k - 1) end
local list = {}
for i, v in ipairs {5, 6, 7} do list[i] = function(...) v = v + 1 return v, i, ... end end
for w in ("a,b,c"):gmatch "%a" do list[#list + 1] = w end
goto over
print "not printed"
::over::
while true do n = 1 if n then break end end
return n, fact(10), list[2]("x"), select("#", list[1](nil, nil)), list[4], t[4]:byte(2), t.x, t.y, ...
]]
for _, strip in ipairs { false, true } do
  local once = string.dump(load(big), strip)
  print(load(once)(1, nil)) print(load(string.dump(load(once), strip))(1, nil))
end
-- By pieces, in an environment, and twice.
local pos = 0
local piece = function() pos = pos + 1 return pos <= #s and s:sub(pos, pos) or nil end
print(load(piece, "=pieces", "b")(1, 1))
local env = { print = print }
local g = load(string.dump(load "x = 1 return x, print ~= nil"), "=e", "b", env)
print(g()) print(env.x, x)
print(setfenv(load(string.dump(load "return y")), { y = "why" })())
print(#string.dump(f, true) < #s)
