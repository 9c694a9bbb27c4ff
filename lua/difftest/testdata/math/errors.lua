-- Argument errors of the math library.
for _, n in ipairs {"abs", "floor", "ceil", "sqrt", "sin", "exp", "log", "fmod", "pow", "ldexp", "frexp", "modf", "atan2"} do
  print(n, select(2, pcall(loadstring("return (math." .. n .. "())", "=m"))),
    select(2, pcall(loadstring("return (math." .. n .. "({}, 1))", "=m"))))
end
print(select(2, pcall(loadstring("return (math.fmod(1))", "=m"))), select(2, pcall(loadstring("return (math.pow(1, 'x'))", "=m"))),
  select(2, pcall(loadstring("return (math.log(1, {}))", "=m"))))
