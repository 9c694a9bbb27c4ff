-- A UTF-8 byte order mark in front of a chunk.
print(loadstring("\239\187\191return 'bom'")())
print(loadstring("\239\187\191#!x\nreturn 'bom and shebang'")())
print(pcall(loadstring("\239\187\191\n\nerror('l3')", "=s")))
