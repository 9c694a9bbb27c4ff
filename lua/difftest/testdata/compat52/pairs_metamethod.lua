-- __pairs and __ipairs are honoured only by builds with 5.2 compatibility.
local t = setmetatable({"raw"}, {
  __pairs = function() return function(_, k) if not k then return "pairs", "meta" end end end,
  __ipairs = function() return function(_, k) if not k then return "ipairs", "meta" end end end,
})
for k, v in pairs(t) do print(k, v) end
for k, v in ipairs(t) do print(k, v) end
