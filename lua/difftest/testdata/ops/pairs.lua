-- Instructions that follow one another in numeric code, and operands that make the first or the second of them fail.
local function try(f, ...)
	local ok, a = pcall(f, ...)
	print(ok, a)
end
local function fields(t, a, b)
	local x = t.x - a
	x = a - t.x
	local y = t.y * b
	y = y + t.x * t.y
	return x, y, (t.x - a) * (t.y - b), t.x - t.y - a
end
print(fields({x = 5, y = 7}, 2, 3))
for _, bad in ipairs{"s", false} do try(fields, {x = bad, y = 7}, 2, 3) try(fields, {x = 5, y = bad}, 2, 3) try(fields, {x = 5, y = 7}, bad, 3) end
local function array(t, i, b)
	local s = 0
	s = s + b * t[i]
	s = t[i] * b + s
	local m = t[i] * t[i]
	return s, m
end
print(array({4, 5, 6}, 2, 3))
for _, bad in ipairs{"s", false} do try(array, {1, bad}, 2, 3) try(array, {1, 2}, 2, bad) try(array, {1, 2}, bad, 3) end
local function numbers(a, b, c)
	local d = a + b + 1
	local e = a * b - c
	local f = a * b * c
	local g = 2 * a * b
	local h = a * b local i = h
	local j = a - b + c
	local k = (a + 1) * b
	local l = a * 2 * b
	local m = a / 2 + b
	local n = a * b + c
	local o = (a - b) * c
	local p = a * 3 + c
	local q = a + b + c
	local r = a * b local s = a + 1
	return d .. " " .. e .. " " .. f .. " " .. g .. " " .. i .. " " .. j .. " " .. k .. " " .. l .. " " .. m .. " " .. n .. " " .. o .. " " .. p .. " " .. q .. " " .. r .. " " .. s
end
print(numbers(3, 4, 5))
print(numbers("3", 4, "0x10"))
print(numbers(-0.5, 1e300, 1e10))
print(numbers(1, 2, 1/0))
for _, bad in ipairs{"s", false, {}} do try(numbers, bad, 4, 5) try(numbers, 3, bad, 5) try(numbers, 3, 4, bad) end
local up
local function outer(a) up = a + 1 return up end
print(outer(4), up)
try(outer, "5") try(outer, {}) print(up)
local mt = {}
for _, e in ipairs{"add", "sub", "mul", "div"} do mt["__" .. e] = function(a, b) print(e, type(a), type(b)) return 100 end end
local o = setmetatable({}, mt)
print(numbers(o, 4, 5))
print(numbers(3, o, 5))
print(numbers(3, 4, o))
print(fields({x = o, y = 7}, 2, 3))
print(fields({x = 5, y = o}, o, 3))
print(array({1, o}, 2, 3))
