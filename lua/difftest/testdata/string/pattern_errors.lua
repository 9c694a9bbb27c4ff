-- Malformed patterns.
local function try(p) print(p, pcall(function() return (("abc()"):find(p)) end)) end
try("[a") try("[") try("[]") try("[^]") try("%") try("a%") try("(") try("(a") try("a)") try(")") try("%b") try("%bx") try("%f") try("%fa")
try("[a-") try("[a-%") try("[%") try("(()") try("%1") try("(a)%2") try("[[:alpha:]]") try("%f[") try("^(") try("(%") try("a-%")
print(pcall(function() return (("x"):rep(40):match(("(x)"):rep(33))) end))
print(select("#", ("x"):rep(40):match(("(x)"):rep(32))))
print(pcall(function() return (("abc"):gsub("(", "x")) end))
print(pcall(function() return (("abc"):gmatch("[")()) end))
print(pcall(function() return (("abc"):gsub("a", "%")) end))
print(pcall(function() return (("abc"):gsub("a", "%2")) end))
print(pcall(function() return (("abc"):gsub("(a)", "%9")) end))
print(pcall(function() return (("abc"):gsub("a", "%x")) end))
