-- A precedence-climbing parser: evaluate, print with parentheses, differentiate, simplify.
local prec = {["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["^"] = 4}
local function parse(src)
  local toks, i = {}, 1
  local p = 1
  while p <= #src do
    local s, e, t = src:find("^%s*([%d.]+)", p)
    if s then toks[#toks + 1] = {k = "num", v = tonumber(t) or error("bad number " .. t, 0)}
    else s, e, t = src:find("^%s*([%a]+)", p)
      if s then toks[#toks + 1] = {k = "var", v = t}
      else s, e, t = src:find("^%s*([%+%-%*/%^%(%)])", p) if s then toks[#toks + 1] = {k = t, v = t} elseif src:find("^%s*$", p) then break else error("unexpected '" .. src:match("%S", p) .. "'", 0) end end end
    p = e + 1
  end
  local expr
  local function atom()
    local t = toks[i] or error("unexpected end", 0) i = i + 1
    if t.k == "num" or t.k == "var" then
      if t.k == "var" and toks[i] and toks[i].k == "(" then
        i = i + 1
        local a = expr(1)
        if not toks[i] or toks[i].k ~= ")" then error("')' expected", 0) end
        i = i + 1
        return {"call", t.v, a}
      end
      return t.v
    end
    if t.k == "(" then local e = expr(1) if not toks[i] or toks[i].k ~= ")" then error("')' expected", 0) end i = i + 1 return e end
    if t.k == "-" then return {"neg", expr(3)} end
    error("unexpected '" .. t.v .. "'", 0)
  end
  function expr(min)
    local l = atom()
    while toks[i] and prec[toks[i].k] and prec[toks[i].k] >= min do
      local op = toks[i].k i = i + 1 l = {op, l, expr(op == "^" and prec[op] or prec[op] + 1)}
    end
    return l
  end
  local e = expr(1) if toks[i] then error("unexpected '" .. toks[i].v .. "'", 0) end return e
end
local function eval(e, env)
  if type(e) == "number" then return e elseif type(e) == "string" then return env[e] or error("undefined " .. e, 0) end
  if e[1] == "neg" then
    return -eval(e[2], env)
  elseif e[1] == "call" then
    return (math[e[2]] or error("no function " .. e[2], 0))(eval(e[3], env))
  end
  local a, b = eval(e[2], env), eval(e[3], env)
  if e[1] == "+" then
    return a + b
  elseif e[1] == "-" then
    return a - b
  elseif e[1] == "*" then
    return a * b
  elseif e[1] == "/" then
    return a / b
  else
    return a ^ b
  end
end
local function show(e)
  if type(e) ~= "table" then return tostring(e) end
  if e[1] == "neg" then return "-" .. show(e[2]) elseif e[1] == "call" then return e[2] .. "(" .. show(e[3]) .. ")" end
  return "(" .. show(e[2]) .. e[1] .. show(e[3]) .. ")"
end
local function simp(e)
  if type(e) ~= "table" or e[1] == "call" then return e end
  local o, a, b = e[1], simp(e[2]), e[3] and simp(e[3])
  if o == "neg" then return type(a) == "number" and -a or {o, a} end
  if type(a) == "number" and type(b) == "number" then return eval({o, a, b}) end
  if o == "+" then
    if a == 0 then return b elseif b == 0 then return a end
  elseif o == "*" then
    if a == 0 or b == 0 then return 0 elseif a == 1 then return b elseif b == 1 then return a end
  elseif o == "^" and b == 1 then
    return a
  elseif o == "-" and b == 0 then
    return a
  end
  return {o, a, b}
end
local function d(e, x)
  if type(e) == "number" then return 0 elseif type(e) == "string" then return e == x and 1 or 0 end
  local o, a, b = e[1], e[2], e[3]
  if o == "+" or o == "-" then
    return {o, d(a, x), d(b, x)}
  elseif o == "*" then
    return {"+", {"*", d(a, x), b}, {"*", a, d(b, x)}}
  elseif o == "^" then
    return {"*", {"*", b, {"^", a, {"-", b, 1}}}, d(a, x)}
  elseif o == "neg" then
    return {"neg", d(a, x)}
  end
  error("cannot differentiate " .. o, 0)
end
for _, s in ipairs {"1+2*3", "(1+2)*3", "2^3^2", "-2^2", "10-4-3", "8/4/2", "2*-3", "x*x+y", "sqrt(16)+abs(-3)",
  "1 + 2 * (3 - 4) ^ 2 / 5"} do
  local e = parse(s) print(s, show(e), eval(e, {x = 5, y = 0.5}))
end
for _, s in ipairs {"1+", "(1", "1)", "2 $ 3", "", "x+z", "foo(1)", "1.2.3", "* 2", "f(1"} do
  print(s, pcall(function() return eval(parse(s), {x = 1}) end))
end
for _, s in ipairs {"x^2", "3*x^3+2*x+7", "(x+1)*(x-1)", "-x", "5"} do print(s, show(simp(d(parse(s), "x")))) end
