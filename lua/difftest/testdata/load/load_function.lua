-- load with a reader function.
local function reader(...) local parts, i = {...}, 0 return function() i = i + 1 return parts[i] end end
print(load(reader("return ", "1", " + 2"))()) print(load(reader("ret", "urn 'sp", "lit'"))())
print(type(load(reader()))) print(load(reader("x ="), "=r"))
print(load(reader("return 5", "", " error"))())
print(pcall(load, function() error("reader failed") end))
print((select(2, load(function() return {} end)):match('^[^\n]*'))) print(pcall(load))
print(pcall(load, {})) print(pcall(load, nil))
print(load(reader("return ..."), "=n")(7)) print(load(reader("error 'x'")) and pcall(load(reader("error 'x'"))))
