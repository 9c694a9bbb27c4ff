-- () captures and nesting of captures.
print(("hello"):match("()(h)()"), ("abc"):find("()"), ("abc"):match("()$"), ("abc"):gsub("()", "%1"), ("abc"):gsub("%w", "%0%0"))
print(("abc"):match("((a)(b(c)))"), ("abc"):match("(((a)b)c)"), ("x y"):match("(%S+)(%s)(%S+)"), ("()"):match("%(()%)"))
for p, w, q in ("one two"):gmatch("()(%a+)()") do io.write(p, w, q, " ") end print()
print(("a,b,,c"):gsub("()", function(p) return p end), ("abc"):gsub(".", {a = 1, b = false}), type(("x"):match("()")))
