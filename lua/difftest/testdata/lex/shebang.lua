#!/usr/bin/env luajit -x
-- A first line that begins with # is skipped and counted.
print("ok")
print(pcall(function() error("line five") end))
print(loadstring("#!foo\nreturn 'chunk'")())
print(select(2, loadstring("\n# x", "=s")))
