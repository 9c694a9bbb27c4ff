-- os.time from tables, normalisation, errors (run with TZ=UTC).
local t = os.date("*t", 0)
print(os.time(t), type(os.time()), os.time() > 1.6e9, os.time() % 1)
local function ymd(y, m, d, h) return os.time {year = y, month = m, day = d, hour = h} end
print(ymd(2024, 1, 2, 0) - ymd(2024, 1, 1, 0), ymd(2024, 3, 1, 12) - ymd(2024, 2, 28, 12),
  ymd(2024, 13, 1, 12) == ymd(2025, 1, 1, 12), ymd(2024, 1, 32, 12) == ymd(2024, 2, 1, 12), ymd(2024, 1, 1) == ymd(2024, 1, 1, 12))
print(pcall(function() return (os.time({year = 2024})) end))
print(pcall(function() return (os.time({year = 2024, month = 1})) end))
print(pcall(function() return (os.time({month = 1, day = 1})) end))
print(pcall(function() return (os.time({year = "x", month = 1, day = 1})) end))
print(os.difftime(10, 4), os.difftime(4, 10), type(os.clock()), os.clock() >= 0)
print(pcall(function() return (os.time("x")) end))
