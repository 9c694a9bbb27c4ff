-- Which names of later versions exist.
for _, name in ipairs {"rawlen", "table.pack", "table.unpack", "table.move", "table.new", "table.clear",
    "string.pack", "string.gfind", "math.pow", "math.mod", "math.log10", "math.fmod", "math.type", "math.tointeger",
    "utf8", "coroutine.isyieldable", "coroutine.close", "bit32", "debug.getuservalue", "debug.upvalueid", "debug.upvaluejoin",
    "table.getn", "table.setn", "table.foreach", "table.foreachi", "loadstring", "load", "unpack", "setfenv",
    "module", "gcinfo", "newproxy", "package.searchers", "package.loaders", "package.searchpath", "package.config", "string.dump"} do
  local v = _G
  for part in name:gmatch("[^.]+") do v = type(v) == "table" and v[part] or nil end
  print(name, type(v))
end
