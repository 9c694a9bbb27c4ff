-- Numeric, calls in the innermost loop: the largest singular value of an infinite matrix, from its upper left 240 x 240.
local n = 240
local function cell(i, j)
  local d = i + j
  return 1 / (d * (d + 1) / 2 + i + 1)
end
local function times(v, out)
  for i = 0, n - 1 do
    local s = 0
    for j = 0, n - 1 do
      s = s + cell(i, j) * v[j + 1]
    end
    out[i + 1] = s
  end
end
local function timesTransposed(v, out)
  for i = 0, n - 1 do
    local s = 0
    for j = 0, n - 1 do
      s = s + cell(j, i) * v[j + 1]
    end
    out[i + 1] = s
  end
end
local u, v, w = {}, {}, {}
for i = 1, n do
  u[i] = 1
end
for _ = 1, 12 do
  times(u, w)
  timesTransposed(w, v)
  times(v, w)
  timesTransposed(w, u)
end
local uv, vv = 0, 0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
