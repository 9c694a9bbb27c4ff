-- CR, LF, CRLF and LFCR each count as one line; in strings they become LF.
local function line(src)
  local _, e = pcall(loadstring(src, "=s"))
  return e
end
print(line("\n\nerror('x')"))
print(line("\r\rerror('x')"))
print(line("\r\n\r\nerror('x')"))
print(line("\n\r\n\rerror('x')"))
print(line("\n\n\rerror('x')"))
print(line("\r\r\nerror('x')"))
local f = loadstring("return 'a\\\r\nb', [[c\r\nd]], [[\r\ne\rf\n\rg]]")
for _, v in ipairs({f()}) do print(#v, v:byte(1, -1)) end
print(loadstring("-- comment\rreturn 5")())
print(loadstring("-- comment\r\nreturn 6")())
