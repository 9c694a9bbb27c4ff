-- Leaky bucket, token bucket, sliding window and fixed window on a simulated clock.
local function leaky(rate, burst)
  local b = {}
  return function(key, now)
    local r = b[key]
    local excess = 0
    if r then
      excess = math.max(0, r.excess - rate * (now - r.last) + 1) if excess > burst then return nil, "rejected" end
    else
      r = {} b[key] = r
    end
    r.excess, r.last = excess, now
    return excess / rate, excess
  end
end
local lim = leaky(2, 3) for _, t in ipairs {0, 0, 0, 0, 0, 0.5, 0.6, 1, 3, 3.1} do print(t, lim("ip", t)) end print(lim("other", 3.1))
local function bucket(rate, size)
  local tokens, last = size, 0
  return function(now, n)
    tokens = math.min(size, tokens + (now - last) * rate)
    last = now
    if tokens >= (n or 1) then tokens = tokens - (n or 1) return true, tokens end
    return false, (n or 1) - tokens
  end
end
local tb = bucket(10, 5) for _, x in ipairs {{0, 3}, {0, 3}, {0.1, 3}, {0.2}, {1, 5}, {1, 1}, {1.05, 1}} do print(x[1], tb(x[1], x[2])) end
local function sliding(limit, window)
  local hits = {}
  return function(now)
    while hits[1] and hits[1] <= now - window do table.remove(hits, 1) end
    if #hits >= limit then return false, hits[1] + window - now end
    hits[#hits + 1] = now
    return true, limit - #hits
  end
end
local sw = sliding(3, 10) for _, t in ipairs {0, 1, 2, 3, 9.5, 10, 10.5, 11, 12} do print(t, sw(t)) end
local allowed = 0 local l2 = leaky(100, 50) for i = 1, 2000 do if l2("x", i / 400) then allowed = allowed + 1 end end print(allowed)
