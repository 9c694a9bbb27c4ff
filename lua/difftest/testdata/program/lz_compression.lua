-- LZW and run-length compression, both ways.
local function compress(s)
  local dict, n, out, w = {}, 256, {}, ""
  for i = 0, 255 do dict[string.char(i)] = i end
  for c in s:gmatch(".") do
    local wc = w .. c
    if dict[wc] then w = wc else out[#out + 1] = dict[w] dict[wc] = n n = n + 1 w = c end
  end
  if w ~= "" then out[#out + 1] = dict[w] end
  return out
end
local function decompress(codes)
  if #codes == 0 then return "" end
  local dict, n = {}, 256
  for i = 0, 255 do dict[i] = string.char(i) end
  local w = dict[codes[1]]
  local out = {w}
  for i = 2, #codes do
    local e = dict[codes[i]] or (codes[i] == n and w .. w:sub(1, 1)) or error("bad code " .. codes[i])
    out[#out + 1] = e
    dict[n] = w .. e:sub(1, 1) n = n + 1
    w = e
  end
  return table.concat(out)
end
for _, s in ipairs {"", "a", "TOBEORNOTTOBEORTOBEORNOT", ("ab"):rep(500), ("x"):rep(1000)} do
  local c = compress(s) print(#s, #c, decompress(c) == s, table.concat(c, " ", 1, math.min(#c, 12)))
end
print(pcall(decompress, {65, 999}))
local function rle(s)
  local out = {}
  local i = 1
  while i <= #s do
    local c = s:sub(i, i) local _, e = s:find("^" .. c:gsub("%W", "%%%0") .. "+", i) out[#out + 1] = (e - i + 1) .. c i = e + 1
  end
  return table.concat(out)
end
local function unrle(s) return (s:gsub("(%d+)(%D)", function(n, c) return c:rep(tonumber(n)) end)) end
print(rle("aaabbc....%%"), unrle(rle("aaabbc....%%")), rle(""), unrle("3x12y"))
