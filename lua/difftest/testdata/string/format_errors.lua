-- Bad directives, missing and unsuitable arguments.
local function try(...) print(pcall(function(...) return (string.format(...)) end, ...)) end
try() try("%d") try("%d", "x") try("%d", {}) try("%s") try("%z", 1) try("%") try("%5") try("%y", 1) try("%d %d", 1) try("%c", "x") try("%f", nil)
try("%ll", 1) try("%0100d", 1) try("%.100f", 1) try("%100d", 1) try("%-+ #0d", 1) try("%--d", 1) try("%5.5.5d", 1) try("%*d", 1, 2) try("%n", 1) try({}) try("%h", 1) try("%i", "0x10") try("%d", "1.5") try("%d", nil) try("%q", nil) try("%p", 1 == 2)
try("%s", nil) try("%x", "zz") try("%123s", "a")
