-- %b and %f.
print(("if (a(b)c) then (d)"):match("%b()"), ("[[x]]"):match("%b[]"), ("(unclosed"):match("%b()"), ("a''b"):match("%b''"),
  ("xx"):match("%bxx"), ("((a)"):match("%b()"))
for a in ("f(a,b) g(c(d)) h()"):gmatch("%b()") do io.write(a, ";") end print()
print(("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), ("THE (quick) fox"):gsub("%f[%a]%a+", "W"), ("hello"):find("%f[%z]"))
print(("foo bar"):gsub("%f[%w]%w+%f[%W]", function(w)
  return "<" .. w .. ">"
end), ("aXb"):find("%f[%u]"), ("xyz"):find("%f[%a]"), (""):find("%f[%a]"), (""):find("%f[%z]"))
print(("THE fox"):find("%f[a-z]%a+"), ("[word]"):match("%f[%w].-%f[%W]"))
