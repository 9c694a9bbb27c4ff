-- Upvalues of upvalues over several levels.
local function outer(a)
  return function(b)
    return function(c)
      return function(d) a = a + 1 return a, b, c, d, a + b + c + d end
    end
  end
end
local f = outer(1)(2)(3)
print(f(4)) print(f(5))
local function compose(...)
  local fns = {...}
  return function(...)
    local function go(i, ...) if i == 0 then return ... end return go(i - 1, fns[i](...)) end
    return go(#fns, ...)
  end
end
print(compose(function(x) return x + 1 end, function(x, y) return x * y end)(3, 4))
local curry = function(a) return function(b) return function() return a .. b end end end
print(curry "x" "y" ())
