-- Common idioms: split, trim, starts with, pad, title case, count.
local function split(s, sep)
  local r, p = {}, 1
  while true do
    local a, b = s:find(sep, p, true) if not a then r[#r + 1] = s:sub(p) return r end r[#r + 1] = s:sub(p, a - 1) p = b + 1
  end
end
print(table.concat(split("a,b,,c,", ","), "|"), #split("", ","), table.concat(split("a--b--c", "--"), "|"))
local function trim(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end
print("[" .. trim("  x y  ") .. "]", "[" .. trim("") .. "]", "[" .. trim("   ") .. "]")
local function starts(s, p) return s:sub(1, #p) == p end
local function ends(s, p) return p == "" or s:sub(-#p) == p end
print(starts("hello", "he"), starts("hello", "x"), ends("hello", "lo"), ends("hello", ""), starts("h", "hello"))
print((("the quick fox"):gsub("(%a)(%a*)", function(a, b)
  return a:upper() .. b
end)), select(2, ("banana"):gsub("a", "")), ("%06.2f"):format(3.14159), ("x"):rep(5) .. "|")
print((("camelCaseString"):gsub("%u", function(c)
  return "_" .. c:lower()
end)), (("snake_case_name"):gsub("_(%a)", string.upper)), ("1234567.891"):reverse():gsub("(%d%d%d)", "%1,"))
