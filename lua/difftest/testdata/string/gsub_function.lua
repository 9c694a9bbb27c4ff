-- gsub with a function: arguments, nil, false, numbers.
print(("hello"):gsub("l", function(c)
  return c:upper()
end), ("a1b2"):gsub("%d", function(d)
  return d * 2
end), ("abc"):gsub("%w", function()
end), ("abc"):gsub("%w", function()
  return false
end))
print(("k=v"):gsub("(%w)=(%w)", function(k, v)
  return v .. "=" .. k
end), ("abc"):gsub("()b()", function(a, b)
  return a .. b
end), ("abc"):gsub("%w", function(...)
  return select("#", ...)
end))
local seen = {}
print(("one two"):gsub("%a+", function(w) seen[#seen + 1] = w end), table.concat(seen, ","))
print(("$name is $age"):gsub("%$(%w+)", function(n)
  return ({name = "Bob", age = 42})[n]
end), ("x"):gsub("x", function()
  return "a", "b"
end), (""):gsub("", function()
  return "z"
end))
print(pcall(function() return ("x"):gsub("x", function() return {} end) end))
print(pcall(function() return ("x"):gsub("x", function() return true end) end))
print(pcall(function() return ("x"):gsub("x", function() return print end) end))
print(pcall(function() return ("x"):gsub("x", function() error("in callback") end) end))
print(pcall(function() return ("x"):gsub("x", function() error({code = 1}) end) end) == false)
print(("abc"):gsub("%w", function(c) if c == "b" then return nil end return "<" .. c .. ">" end))
print(("nest(a)"):gsub("%w+", function(w) return (w:gsub("%w", function(c) return c .. "." end)) end))
print(pcall(function() return ("x"):gsub("x", nil, "y") end)) print(pcall(function() return ("x"):gsub("x", nil) end))
