-- debug.getinfo fields of Lua functions and builtins.
local function f(a, b, ...)
  local info = debug.getinfo(1, "nSluf")
  return info.name, info.namewhat, info.what, info.short_src, info.source, info.currentline, info.linedefined, info.lastlinedefined,
    info.nups, info.func == f
end
print(f())
local t = {m = f} print((t.m())) print(select(2, t:m()))
local i = debug.getinfo(print)
print(i.what, i.short_src, i.source, i.currentline, i.linedefined, i.name)
i = debug.getinfo(f, "S")
print(i.what, i.linedefined, i.lastlinedefined, i.short_src, i.currentline)
i = debug.getinfo(1, "S")
print(i.what, i.short_src)
i = debug.getinfo(1, "l")
print(i.currentline, i.what)
print(debug.getinfo(100), pcall(debug.getinfo, 1, "X"), pcall(debug.getinfo, {}))
print(pcall(debug.getinfo))
i = debug.getinfo(f, "u")
print(i.nups, i.nparams, i.isvararg)
i = debug.getinfo(loadstring("return 1", "=chunk"), "S")
print(i.what, i.short_src, i.source)
i = debug.getinfo(loadstring("return 1", "line one\nline two"), "S")
print(i.short_src, i.source) print(debug.getinfo(1, "f").func ~= nil)
local lines = debug.getinfo(f, "L").activelines
local l = {}
for k in pairs(lines) do l[#l + 1] = k end
table.sort(l)
print(table.concat(l, ","))
