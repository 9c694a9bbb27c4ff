-- Method definitions and calls; self evaluated once.
local n = 0
local obj = {v = 5}
function obj:get(x) return self.v + (x or 0) end
local function make() n = n + 1 return obj end
print(make():get(1), n, make():get(), n)
print(obj.get(obj, 2), obj:get(3), obj["get"](obj, 4))
print(("abc"):upper(), ("%s"):format "x", #("a"):rep(3))
function obj:chain(k) self.v = self.v + k return self end
print(obj:chain(1):chain(2):chain(3).v)
print(pcall(function() obj:missing() end))
print(pcall(function() obj.v:missing() end))
print(obj:get "4", obj:get(nil))
local o = {f = function(self, t) return t[1], t.k end}
print(o:f {10, k = 20})
