-- Matching that recurses too deeply.
local s = ("a"):rep(300000)
local ok, e = pcall(string.match, s, ("a?"):rep(300000) .. "b")
print(ok, ok or e:match("pattern too complex"))
print(#s:match("a*"), #s:match(".-$"), #s:match("^(.*)$"), s:find("b"))
print(pcall(function() return (#(("x"):rep(250000)):match(("x"):rep(100) .. ".-$")) end))
