-- Classes by __index with overriding and super calls.
local Base = {} Base.__index = Base
function Base.new(name) return setmetatable({name = name}, Base) end
function Base:hello() return "base " .. self.name end
function Base:who() return self:hello() end
local Derived = setmetatable({}, {__index = Base}) Derived.__index = Derived
function Derived.new(name) local o = Base.new(name) return setmetatable(o, Derived) end
function Derived:hello() return "derived+" .. Base.hello(self) end
local b, d = Base.new("b"), Derived.new("d")
print(b:hello(), d:hello(), b:who(), d:who())
print(getmetatable(d) == Derived, rawget(Derived, "who"), Derived.who == Base.who)
Derived.__tostring = function(self) return "<" .. self.name .. ">" end
print(tostring(d))
