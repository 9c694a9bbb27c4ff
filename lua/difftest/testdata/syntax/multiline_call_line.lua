-- Which line a call, an index and an operator that span lines are charged to.
local function try(src)
  print(select(2, pcall(loadstring(src, "=s"))))
end
try("\nnofn(\n1,\n2\n)")
try("local t\n= nil\nlocal x =\nt\n.\ny")
try("local a =\n1 +\n{}\n+ 2")
try("error(\n'msg'\n)")
try("local t = {\n  a = 1,\n  b = nil .. 'x',\n  c = 3\n}")
try("local s = 'a'\n..\n{}\n..\n'b'")
try("return\nnil\n<\n1")
try("local t = {}\nt.x\n.y\n.z = 1")
try("local t = {}\nt:nomethod(\n1\n)")
