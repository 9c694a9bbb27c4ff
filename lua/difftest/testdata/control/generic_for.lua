-- The protocol of generic for: state, control variable, closing at nil.
local function iter(s, c) if c < s then return c + 1, (c + 1) ^ 2 end end
for i, sq in iter, 4, 0 do io.write(i, "=", sq, " ") end print()
local function chars(s) local i = 0 return function() i = i + 1 if i <= #s then return s:sub(i, i) end end end
for c in chars("hello") do io.write(c, ".") end print()
for a, b, c, d in function(_, x) if not x then return 1, 2, 3 end end do print(a, b, c, d) end
for x in function() return nil end do print("never") end
for x in function() return false end do print("false is not nil", x) break end
local n = 0
for k in next, {a = 1, b = 2, c = 3} do n = n + 1 end
print(n)
for i, v in ipairs({10, 20, 30}) do i = i * 2 io.write(i, ",", v, " ") end print()
print(pcall(function() for x in nil do end end))
print(pcall(function() for x in {} do end end))
print(pcall(function() local it = 5 for x in it do end end))
print(pcall(function() for x in pairs(nil) do end end))
