-- %1 to %9 in patterns.
print(("abcabc"):match("(abc)%1"), ("say 'hi' now"):match("(['\"])(.-)%1"), ("aa bb cd ee"):gsub("(%a)%1", "<%1>"),
  ("xyzzy"):find("(.)%1"), ("abba"):match("(.)(.)%2%1"), ("[==[x]==]"):match("%[(=*)%[(.-)%]%1%]"))
print(("a"):match("(a)%1?"), ("=="):match("^(=*)%1$"), ("aab"):match("^(a*)%1b"))
print(pcall(function() return (("a"):match("%1")) end))
print(pcall(function() return (("a"):match("(a%1)")) end))
print(pcall(function() return (("a"):match("(a)%2")) end))
