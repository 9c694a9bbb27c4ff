-- The chunk's name in error positions.
local function try(src, name) print(select(2, loadstring(src, name))) end
try("x = ")
try("x = ]", "x = ]")
try("x = ]", "=stdin")
try("x = ]", "@dir/file.lua")
try("x = ]", "line one\nline two")
try("x = ]", "")
try("\n\n\nx = ]\n")
try("local a = 'quoted'\nx = ]\n")
try("-- " .. ("long "):rep(30) .. "\nx = ]")
try("x = ]", "=")
try("x = ]", "@")
try("-- " .. ("long "):rep(30) .. "\nx = ]", "-- " .. ("long "):rep(30))
