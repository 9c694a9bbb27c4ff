-- assert: results, messages, non-string messages.
print(assert(1, 2, 3)) print(assert("x")) print(select("#", assert(true, nil, nil)))
print(pcall(assert, false)) print(pcall(assert, nil)) print(pcall(assert, false, "message"))
print(pcall(assert, nil, 42)) print(pcall(assert)) print(pcall(assert, false, nil))
local e = {code = 7}
local ok, v = pcall(assert, false, e) print(ok, v == e, v.code)
print(pcall(function() assert(false) end))
print(pcall(function() assert(false, "no position added") end))
print(pcall(function() assert() end))
print(pcall(function() assert(nil, "a", "b") end))
print(select("#", pcall(assert, false, "x", "y")))
