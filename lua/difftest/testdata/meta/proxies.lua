-- Proxy tables: counting access, default values, read-through.
local function track(t)
  local reads, writes = 0, 0
  return setmetatable({}, {
    __index = function(_, k) reads = reads + 1 return t[k] end,
    __newindex = function(_, k, v) writes = writes + 1 t[k] = v end,
    __call = function() return reads, writes end,
  })
end
local p = track({a = 1})
p.b = p.a + 1
p.b = p.b * 2
print(p.b, p())
local defaults = setmetatable({}, {__index = function() return 0 end})
for w in ("the cat and the dog and the end"):gmatch("%a+") do defaults[w] = defaults[w] + 1 end
print(defaults.the, defaults["and"], defaults.cat, defaults.none)
