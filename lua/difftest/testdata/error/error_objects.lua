-- Exception classes with inheritance, catch by type, rethrow, cleanup.
local Err = {} Err.__index = Err Err.__tostring = function(e) return e.name .. ": " .. e.msg end
local function class(name, parent) return setmetatable({name = name, __index = nil}, {__index = parent}) end
local IOErr = {name = "IOErr"} local NetErr = {name = "NetErr", parent = IOErr}
local function throw(cls, msg) error(setmetatable({cls = cls, name = cls.name, msg = msg}, Err)) end
local function isa(e, cls)
  local c = type(e) == "table" and e.cls while c do if c == cls then return true end c = c.parent end return false
end
local log = {}
local function try(body, handlers, finally)
  local ok, e = pcall(body)
  if not ok then
    local handled
    for _, h in ipairs(handlers) do if isa(e, h[1]) then h[2](e) handled = true break end end
    if finally then finally() end
    if not handled then error(e, 0) end
  elseif finally then
    finally()
  end
end
try(function()
  throw(NetErr, "refused")
end, {{NetErr, function(e)
  log[#log + 1] = tostring(e)
end}}, function()
  log[#log + 1] = "finally"
end)
try(function() throw(NetErr, "reset") end, {{IOErr, function(e) log[#log + 1] = "as IO: " .. e.msg end}})
print(pcall(try, function() error("plain") end, {{IOErr, print}}, function() log[#log + 1] = "cleanup" end))
print(table.concat(log, " | "))
