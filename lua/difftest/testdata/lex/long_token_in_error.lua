-- How long tokens and long chunk names appear in errors.
local name = ("n"):rep(120)
print(select(2, loadstring(name .. " = = 1", "=s")))
print(select(2, loadstring("x = = " .. ("'" .. ("q"):rep(90) .. "'"), "=s")))
print(select(2, loadstring("x = 1 '" .. ("q"):rep(90) .. "'", "=s")))
print(select(2, loadstring("x = ]", ("c"):rep(100))))
print(select(2, loadstring("x = ]", "@" .. ("f"):rep(100))))
print(select(2, loadstring("x = ]", "=" .. ("e"):rep(100))))
