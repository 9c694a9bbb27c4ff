-- A class library: inheritance, super, mixins, operators, tostring, type checks.
local function class(name, parent)
  local c = {name = name, parent = parent} c.__index = c
  for _, m in ipairs {"__tostring", "__eq", "__lt", "__le", "__add", "__call", "__concat"} do c[m] = parent and parent[m] end
  c.new = function(...) local o = setmetatable({}, c) if o.init then o:init(...) end return o end
  c.include = function(mixin) for k, v in pairs(mixin) do c[k] = v end return c end
  c.is = function(o, k) local m = getmetatable(o) while m do if m == k then return true end m = m.parent end return false end
  return setmetatable(c, {__index = parent, __call = function(_, ...)
    return c.new(...)
  end, __tostring = function()
    return "class " .. name
  end})
end
local Animal = class("Animal")
function Animal:init(name, legs) self.nickname, self.legs = name, legs end
function Animal:speak() return self.nickname .. " makes " .. self:sound() end
function Animal:sound() return "noise" end
Animal.__tostring = function(a) return getmetatable(a).name .. "(" .. a.nickname .. ")" end
Animal.__lt = function(a, b) return a.legs < b.legs end
Animal.__concat = function(a, b) return tostring(a) .. tostring(b) end
local Dog = class("Dog", Animal)
function Dog:init(name) Animal.init(self, name, 4) end
function Dog:sound() return "woof" end
local Puppy = class("Puppy", Dog)
function Puppy:sound() return Dog.sound(self):upper() .. "!" end
local Bird = class("Bird", Animal).include {fly = function(self) return self.nickname .. " flies" end}
local a, d, p, b = Animal("gen", 6), Dog("rex"), Puppy("bit"), Bird("tweety", 2)
for _, x in ipairs {a, d, p, b} do print(tostring(x), x:speak(), x:is(Animal), x:is(Dog), x.fly and x:fly()) end
print(b < d, d < b, a < d, tostring(Puppy), d .. p, "<" .. b)
local zoo = {a, d, b} table.sort(zoo) for i, z in ipairs(zoo) do io.write(z.nickname, i < #zoo and "<" or "\n") end
print(pcall(function() return d:fly() end)) print(pcall(function() return a + b end))
