-- NaN never equals anything; it can't be a table key.
local nan = 0 / 0
print(nan ~= nan, nan == nan, nan < nan, nan > nan, nan <= 1)
print(pcall(function() local t = {} t[nan] = 1 end))
print(({})[nan])
print(pcall(rawset, {}, nan, 1))
print(math.max(1, 2) == 2, (math.huge - math.huge) ~= (math.huge - math.huge))
print(math.floor(nan) ~= math.floor(nan), nan % 1 ~= nan % 1, (nan ^ 0), 1 ^ nan)
local function isnan(x) return x ~= x end
print(isnan(nan + 1), isnan(nan * 0), isnan(math.sqrt(-1)), isnan(math.huge * 0), isnan(tonumber("nan")))
print(rawequal(nan, nan), #tostring(nan) >= 3)
