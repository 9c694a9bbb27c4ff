-- A tiny Lisp: reader, closures, recursion, lists, errors.
local function read(src)
  local pos = 1
  local function form()
    pos = src:find("%S", pos) or error("unexpected end", 0)
    local c = src:sub(pos, pos)
    if c == "(" then
      pos = pos + 1
      local l = {}
      while true do
        pos = src:find("%S", pos) or error("missing )", 0)
        if src:sub(pos, pos) == ")" then pos = pos + 1 return l end
        l[#l + 1] = form()
      end
    elseif c == ")" then
      error("unexpected )", 0)
    elseif c == "'" then
      pos = pos + 1 return {"quote", form()}
    elseif c == '"' then
      local s, e = src:find('"', pos + 1, true), nil local v = src:sub(pos + 1, s - 1) pos = s + 1 return {"quote", v}
    end
    local a, e = src:find("^[^%s()']+", pos)
    local t = src:sub(a, e)
    pos = e + 1
    return tonumber(t) or t
  end
  local out = {}
  while src:find("%S", pos) do out[#out + 1] = form() end
  return out
end
local function show(v)
  if type(v) ~= "table" then return tostring(v) end
  if v.fn then return "#<" .. v.fn .. ">" end
  local t = {}
  for i, x in ipairs(v) do t[i] = show(x) end
  return "(" .. table.concat(t, " ") .. ")"
end
local function child(env) return setmetatable({}, {__index = env}) end
local G = {["true"] = true, ["false"] = false}
local eval
local special = {}
function special.quote(x) return x[2] end
special["if"] = function(x, e) if eval(x[2], e) then return eval(x[3], e) end return x[4] and eval(x[4], e) end
function special.define(x, e) rawset(e, x[2], eval(x[3], e)) return x[2] end
function special.lambda(x, e)
  local ps, body = x[2], x
  return setmetatable({fn = "lambda"}, {__call = function(_, ...)
    local s = child(e)
    if select("#", ...) ~= #ps then error("wrong number of arguments", 0) end
    for i, p in ipairs(ps) do s[p] = (select(i, ...)) end
    local r
    for i = 3, #body do r = eval(body[i], s) end
    return r
  end})
end
function special.let(x, e)
  local s = child(e) for _, b in ipairs(x[2]) do s[b[1]] = eval(b[2], s) end local r for i = 3, #x do r = eval(x[i], s) end return r
end
function eval(x, e)
  if type(x) == "string" then
    local v = e[x] if v == nil then error("unbound " .. x, 0) end return v
  elseif type(x) ~= "table" then
    return x
  end
  if #x == 0 then return x end
  local sp = type(x[1]) == "string" and special[x[1]]
  if sp then return sp(x, e) end
  local f, args = eval(x[1], e), {}
  for i = 2, #x do args[i - 1] = eval(x[i], e) end
  if type(f) ~= "function" and not (type(f) == "table" and f.fn) then error("not a function: " .. show(f), 0) end
  return f(unpack(args, 1, #x - 1))
end
local function fold(f) return function(a, ...) for i = 1, select("#", ...) do a = f(a, (select(i, ...))) end return a end end
G["+"], G["*"], G["-"], G["<"], G["="] = fold(function(a, b)
  return a + b
end), fold(function(a, b)
  return a * b
end), fold(function(a, b)
  return a - b
end), function(a, b)
  return a < b
end, function(a, b)
  return a == b
end
G.car, G.cdr, G.cons, G.list, G["null?"] = function(l)
  return l[1] or error("car of empty list", 0)
end, function(l)
  return {unpack(l, 2)}
end, function(a, l)
  return {a, unpack(l)}
end, function(...)
  return {...}
end, function(l)
  return #l == 0
end
local function run(src)
  local ok, r = pcall(function() local v for _, f in ipairs(read(src)) do v = eval(f, G) end return v end)
  print(src:gsub("%s+", " ") .. " => " .. show(r))
end
run "(+ 1 (* 2 3) 4)"
run "(define fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1)))))) (fact 10)"
run "(define map (lambda (f l) (if (null? l) '() (cons (f (car l)) (map f (cdr l)))))) (map (lambda (x) (* x x)) '(1 2 3 4))"
run "((lambda (x y) (list y x)) 1 2)"
run "(define make (lambda (n) (lambda (x) (+ x n)))) ((make 5) 10)"
run "(let ((a 1) (b (+ a 1))) (list a b))"
run "(fib"
run "(undefined 1)"
run "(1 2)"
run "((lambda (x) x))"
run "(car '())"
run ")"
run "'(a (b c) 1.5)"
run "(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))) (fib 15)"
run "fact"
