-- %s with widths, precisions, any value; embedded zeros.
local f = string.format
print(f("%s|%5s|%-5s|%.2s|%5.1s|%-5.1s|", "abc", "abc", "abc", "abc", "abc", "abc"), f("%s %s %s %s", nil, true, false, 12.5),
  f("%.0s|%.10s", "abc", "abc"))
print(#f("%s", "a\0b"), #f("%5s", "a\0b"), #f("%.2s", "a\0b"), #f("x\0%s", "y"), f("%s", setmetatable({}, {__tostring = function()
  return "obj"
end})))
print(f("%s", ("x"):rep(200)) == ("x"):rep(200), #f("%99s", "x"), f("%-20s|", "pad"), f("%20s|", "pad"))
print(f("%s", 1e15), f("%s", -0.0), f("%s", 2 ^ 31), f("%10s|%-10s|", 1.5, true), f("%s%s", "a", "b"), (f("%s", {}):gsub("0x%x+", "ADDR")))
print(f("%s %s", 1, 2, 3), f("%5s", nil), f("%.3s", true))
