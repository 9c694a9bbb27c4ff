-- Argument errors of the string library by name.
local function try(src) print(src, select(2, pcall(loadstring("return (" .. src .. ")", "=s")))) end
try("string.upper()") try("string.lower({})") try("string.len()") try("string.sub('x')") try("string.rep('x')") try("string.find('x')") try("string.match()") try("string.gmatch('x')") try("string.gsub('x', 'y')")
try("('x'):rep({})") try("('x'):sub({})") try("('x'):find()") try("('x'):gsub('x', nil)") try("('x'):byte('a')") try("('x'):format({}, 1) == 'x'") try("('%d'):format('a')") try("('%d'):format()") try("string.byte(nil)") try("string.reverse()") try("string.char('x')")
try("string.format('%d', 1, 2)") try("string.dump(print)") try("string.dump()") try("string.dump('x')")
