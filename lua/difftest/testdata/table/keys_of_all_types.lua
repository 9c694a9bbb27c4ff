-- Keys: booleans, functions, tables, coroutines, floats, long strings.
local t, f, co = {}, function() end, coroutine.create(function() end)
local key = {}
t[key] = "table" t[f] = "function" t[co] = "thread" t[true] = "true" t[false] = "false" t[1.5] = "float" t[print] = "builtin"
t[("k"):rep(300)] = "long" t[""] = "empty" t["a\0b"] = "nul"
print(t[key], t[f], t[co], t[true], t[false], t[1.5], t[print], t[("k"):rep(300)], t[""], t["a\0b"], t["a\0c"], t[{}])
t[key] = nil t[true] = nil
print(t[key], t[true], t[false])
print(pcall(function() t[nil] = 1 end))
print(t[nil], pcall(function() local x = nil t[x] = 1 end))
