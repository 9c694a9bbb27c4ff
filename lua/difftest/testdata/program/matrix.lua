-- Matrices with operators: product, power, determinant, transposition.
local M = {} M.__index = M
local function new(rows) return setmetatable(rows, M) end
function M.identity(n) local r = {} for i = 1, n do r[i] = {} for j = 1, n do r[i][j] = i == j and 1 or 0 end end return new(r) end
function M.__mul(a, b)
  if type(a) == "number" then a, b = b, a end
  local r = {}
  if type(b) == "number" then for i, row in ipairs(a) do r[i] = {} for j, v in ipairs(row) do r[i][j] = v * b end end return new(r) end
  if #a[1] ~= #b then error("cannot multiply " .. #a .. "x" .. #a[1] .. " by " .. #b .. "x" .. #b[1], 2) end
  for i = 1, #a do r[i] = {} for j = 1, #b[1] do local s = 0 for k = 1, #b do s = s + a[i][k] * b[k][j] end r[i][j] = s end end
  return new(r)
end
function M.__add(a, b) local r = {} for i = 1, #a do r[i] = {} for j = 1, #a[1] do r[i][j] = a[i][j] + b[i][j] end end return new(r) end
function M.__unm(a) return -1 * a end
function M.__sub(a, b) return a + -b end
function M.__eq(a, b) for i = 1, #a do for j = 1, #a[1] do if a[i][j] ~= b[i][j] then return false end end end return true end
function M.__pow(a, n)
  local r = M.identity(#a) while n > 0 do if n % 2 == 1 then r = r * a end a = a * a n = math.floor(n / 2) end return r
end
function M.__tostring(a)
  local r = {} for i, row in ipairs(a) do r[i] = table.concat(row, " ") end return "[" .. table.concat(r, "; ") .. "]"
end
function M:t() local r = {} for j = 1, #self[1] do r[j] = {} for i = 1, #self do r[j][i] = self[i][j] end end return new(r) end
function M:det()
  if #self == 1 then return self[1][1] end
  local d = 0
  for j = 1, #self do
    local minor = {}
    for i = 2, #self do minor[i - 1] = {} for k = 1, #self do if k ~= j then table.insert(minor[i - 1], self[i][k]) end end end
    d = d + (-1) ^ (1 + j) * self[1][j] * new(minor):det()
  end
  return d
end
local a, b = new {{1, 2}, {3, 4}}, new {{0, 1}, {1, 0}}
print(a * b, b * a, a + b, a - b, -a, 2 * a, a * 0.5, a:t(), a:det())
print((new {{1, 1}, {1, 0}}) ^ 50, a == new {{1, 2}, {3, 4}}, a == b, a:t():t() == a)
print(new {{2, 0, 1}, {1, 3, 2}, {1, 1, 1}}:det(), new {{1, 2, 3}} * new {{1}, {2}, {3}})
print(pcall(function() return a * new {{1, 2, 3}} end))
local n, x = 30, {}
for i = 1, n do x[i] = {} for j = 1, n do x[i][j] = (i * j) % 7 - 3 end end
local y = new(x) * new(x):t()
local tr = 0
for i = 1, n do tr = tr + y[i][i] end
print(tr, y == y:t())
