-- Date arithmetic: Julian day numbers, weekdays, leap years, ISO weeks, parsing.
local function leap(y) return y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0) end
local mdays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
local function days_in(y, m) return m == 2 and leap(y) and 29 or mdays[m] end
local function jdn(y, m, d)
  local a = math.floor((14 - m) / 12)
  local yy, mm = y + 4800 - a, m + 12 * a - 3
  return d + math.floor((153 * mm + 2) / 5) + 365 * yy + math.floor(yy / 4) - math.floor(yy / 100) + math.floor(yy / 400) - 32045
end
local function from(j)
  local a = j + 32044
  local b = math.floor((4 * a + 3) / 146097)
  local c = a - math.floor(146097 * b / 4)
  local d = math.floor((4 * c + 3) / 1461)
  local e = c - math.floor(1461 * d / 4)
  local m = math.floor((5 * e + 2) / 153)
  return 100 * b + d - 4800 + math.floor(m / 10), m + 3 - 12 * math.floor(m / 10), e - math.floor((153 * m + 2) / 5) + 1
end
local names = {[0] = "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
local function wday(y, m, d) return names[jdn(y, m, d) % 7] end
print(jdn(2000, 1, 1), jdn(1970, 1, 1), wday(2024, 2, 29), wday(1999, 12, 31), leap(1900), leap(2000), leap(2024), days_in(2023, 2))
for _, j in ipairs {2451545, 2440588, 2460370} do print(j, from(j)) end
local ok = true
for j = 2400000, 2480000, 37 do local y, m, d = from(j) if jdn(y, m, d) ~= j or d > days_in(y, m) then ok = false end end
print(ok)
local function add_months(y, m, d, n) m = m - 1 + n y, m = y + math.floor(m / 12), m % 12 + 1 return y, m, math.min(d, days_in(y, m)) end
print(add_months(2024, 1, 31, 1)) print(add_months(2024, 1, 31, -2)) print(add_months(2023, 12, 15, 14))
local function week(y, m, d)
  local j = jdn(y, m, d) local th = j - j % 7 + 3 local ty = from(th) return ty, math.floor((th - jdn(ty, 1, 1)) / 7) + 1
end
print(week(2024, 12, 30)) print(week(2021, 1, 3)) print(week(2020, 12, 31))
local function parse(s)
  local y, m, d, h, mi, sec, z = s:match("^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)(.*)$")
  if not y then return nil, "bad date: " .. s end
  local t = (jdn(tonumber(y), tonumber(m), tonumber(d)) - jdn(1970, 1, 1)) * 86400 + h * 3600 + mi * 60 + sec
  local sign, oh, om = z:match("^([+-])(%d%d):?(%d%d)$")
  if sign then
    t = t - (sign == "+" and 1 or -1) * (oh * 3600 + om * 60)
  elseif z ~= "Z" and z ~= "" then
    return nil, "bad zone: " .. z
  end
  return t
end
for _, s in ipairs {"1970-01-01T00:00:00Z", "2024-02-29T12:30:45+02:00", "1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z", "nonsense",
  "2024-01-01T00:00:00PST"} do
  print(s, parse(s))
end
print(os.date("!%Y-%m-%dT%H:%M:%SZ", parse("2024-02-29T12:30:45Z")), os.date("!%A", 86400 * 3))
local function cal(y, m)
  local out, col = {("   "):rep(jdn(y, m, 1) % 7)}, jdn(y, m, 1) % 7
  for d = 1, days_in(y, m) do out[#out + 1] = ("%2d "):format(d) col = col + 1 if col == 7 then out[#out + 1] = "\n" col = 0 end end
  return table.concat(out)
end
print(cal(2024, 2))
