-- Growing strings: an output buffer of pieces that is flushed at a size, a string that grows by appending, reversal and repetition.
local concat, rep, sub = table.concat, string.rep, string.sub
local Buffer = {}
Buffer.__index = Buffer
local flushed, blocks = 0, 0
function Buffer.new() return setmetatable({n = 0, size = 0}, Buffer) end
function Buffer:write(...)
  for i = 1, select("#", ...) do
    local piece = select(i, ...)
    local n = self.n + 1
    self[n], self.n = piece, n
    self.size = self.size + #piece
  end
  if self.size >= 4096 then self:flush() end
end
function Buffer:flush()
  local block = concat(self, "", 1, self.n)
  flushed = flushed + #block
  blocks = blocks + 1
  self.n, self.size = 0, 0
end
local out = Buffer.new()
for i = 1, 250000 do
  out:write("<td>", "cell " .. i % 100, "</td>\n")
end
out:flush()
local total = 0
for round = 1, 100 do
  local s = ""
  for i = 1, 400 do
    s = s .. "piece" .. (i + round) % 10
  end
  total = total + #s + #s:reverse() + #rep(sub(s, 1, 10), round, "")
end
print(flushed, blocks, total)
