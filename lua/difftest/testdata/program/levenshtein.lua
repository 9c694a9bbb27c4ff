-- Edit distance, its script, and fuzzy search.
local function lev(a, b)
  local prev = {} for j = 0, #b do prev[j] = j end
  for i = 1, #a do
    local cur = {[0] = i}
    for j = 1, #b do cur[j] = math.min(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (a:byte(i) == b:byte(j) and 0 or 1)) end
    prev = cur
  end
  return prev[#b]
end
for _, p in ipairs {{"kitten", "sitting"}, {"", "abc"}, {"abc", ""}, {"same", "same"}, {"flaw", "lawn"}, {"intention", "execution"},
  {"", ""}} do
  print(p[1], p[2], lev(p[1], p[2]))
end
local function script(a, b)
  local t = {} for i = 0, #a do t[i] = {[0] = i} end for j = 0, #b do t[0][j] = j end
  for i = 1, #a do
    for j = 1, #b do
      t[i][j] = a:byte(i) == b:byte(j) and t[i - 1][j - 1] or 1 + math.min(t[i - 1][j], t[i][j - 1], t[i - 1][j - 1])
    end
  end
  local i, j, out = #a, #b, {}
  while i > 0 or j > 0 do
    if i > 0 and j > 0 and a:byte(i) == b:byte(j) then table.insert(out, 1, "=" .. a:sub(i, i)) i, j = i - 1, j - 1
    elseif i > 0 and j > 0 and t[i][j] == t[i - 1][j - 1] + 1 then table.insert(out, 1, "~" .. b:sub(j, j)) i, j = i - 1, j - 1
    elseif j > 0 and t[i][j] == t[i][j - 1] + 1 then table.insert(out, 1, "+" .. b:sub(j, j)) j = j - 1
    else table.insert(out, 1, "-" .. a:sub(i, i)) i = i - 1 end
  end
  return table.concat(out, " ")
end
print(script("kitten", "sitting")) print(script("abc", "xabcy")) print(script("", "ab")) print(script("hello", ""))
local words = {"proxy_pass", "proxy_bind", "listen", "location", "server_name", "return", "rewrite", "root", "error_page"}
for _, q in ipairs {"proxypass", "lisen", "locaton", "rot", "sever_name", "zzzzzz"} do
  local best, bd = nil, 4
  for _, w in ipairs(words) do local x = lev(q, w) if x < bd then best, bd = w, x end end
  print(q, best, best and bd)
end
