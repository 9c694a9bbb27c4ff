-- An event emitter: on, once, off, wildcards, errors in handlers.
local Emitter = {} Emitter.__index = Emitter
function Emitter.new() return setmetatable({handlers = {}}, Emitter) end
function Emitter:on(ev, f, once)
  local l = self.handlers[ev] or {} self.handlers[ev] = l l[#l + 1] = {f = f, once = once} return function() self:off(ev, f) end
end
function Emitter:once(ev, f) return self:on(ev, f, true) end
function Emitter:off(ev, f) local l = self.handlers[ev] or {} for i = #l, 1, -1 do if l[i].f == f then table.remove(l, i) end end end
function Emitter:emit(ev, ...)
  local n, errors = 0, {}
  for _, name in ipairs {ev, "*"} do
    local copy = {unpack(self.handlers[name] or {})}
    for _, h in ipairs(copy) do
      if h.once then self:off(name, h.f) end
      local ok, e = pcall(h.f, name == "*" and ev or ..., select(name == "*" and 1 or 2, ...))
      n = n + 1
      if not ok then errors[#errors + 1] = e end
    end
  end
  return n, unpack(errors)
end
local e, log = Emitter.new(), {}
local function add(tag)
  return function(...)
    local t = {tag} for i = 1, select("#", ...) do t[#t + 1] = tostring((select(i, ...))) end log[#log + 1] = table.concat(t, ":")
  end
end
local stop = e:on("data", add "A") e:once("data", add "once") e:on("*", add "any")
print(e:emit("data", 1, nil, "x")) print(e:emit("data", 2)) stop() print(e:emit("data", 3)) print(e:emit("nothing"))
e:on("bad", function(v) error("handler failed on " .. v, 0) end) e:on("bad", add "after")
print(e:emit("bad", 5)) print(table.concat(log, " "))
e:on("self", function() e:off("*", nil) e:on("self", add "added later") end) print(e:emit("self"), e:emit("self"))
