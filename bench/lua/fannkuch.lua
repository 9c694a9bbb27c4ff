-- Small arrays of small integers: every permutation of 1..9, how many prefix reversals bring 1 to the front.
local n = 9
local p, work, count = {}, {}, {}
for i = 1, n do
  p[i], count[i] = i, 0
end
local most, checksum, sign = 0, 0, 1
local function flips()
  for i = 1, n do
    work[i] = p[i]
  end
  local k = 0
  local first = work[1]
  while first ~= 1 do
    local lo, hi = 1, first
    while lo < hi do
      work[lo], work[hi] = work[hi], work[lo]
      lo, hi = lo + 1, hi - 1
    end
    k = k + 1
    first = work[1]
  end
  return k
end
-- The permutations in the order in which the first i elements rotate i times between two steps of element i + 1.
local done = false
while not done do
  local k = flips()
  if k > most then most = k end
  checksum = checksum + sign * k
  sign = -sign
  local i = 2
  while true do
    if i > n then
      done = true
      break
    end
    local first = p[1]
    for j = 1, i - 1 do
      p[j] = p[j + 1]
    end
    p[i] = first
    count[i] = count[i] + 1
    if count[i] < i then break end
    count[i] = 0
    i = i + 1
  end
end
print(most, checksum)
