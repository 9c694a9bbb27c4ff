-- string.buffer: what a failed call leaves, and which of several faults of an encoded table is told.
local buffer = require("string.buffer")
local function try(method, ...)
  local b = buffer.new()
  print(pcall(b[method], b, ...))
  print(#b, tostring(b))
end
try("putf", "a%", 1) try("putf", "a%d b", {}) try("putf", "%s %s", "x") try("putf", "%d%y", 1) try("put", "a", {}) try("put", 1, nil)
for _, s in ipairs{"\9\10\0", "\9\10", "\9\1", "\9\1\0\1", "\9\1\0", "\9\2\0", "\9\1\1\1", "\10\3\1", "\10\200\1\0", "\9\2\1\1\1\1", "\11\5\5\0\0\0\0\0"} do
  local ok, v = pcall(buffer.decode, s)
  print(ok, type(v) == "table" and #v or v)
end
