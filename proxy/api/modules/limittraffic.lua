-- resty.limit.traffic: several limiters as one.
local max = math.max

local _M = { _VERSION = "0.09" }

-- The last limiter is asked for good at once, the others only after none has refused.
function _M.combine(limiters, keys, states)
    local n, delay = #limiters, 0
    local function ask(i, commit)
        local d, state = limiters[i]:incoming(keys[i], commit)
        if d and commit then
            delay = max(delay, d)
            if states then
                states[i] = state
            end
        end
        return d, state
    end
    for i = 1, n do
        local d, err = ask(i, i == n)
        if not d then
            return nil, err
        end
    end
    for i = 1, n - 1 do
        local d, err = ask(i, true)
        if not d then
            for j = 1, i - 1 do
                limiters[j]:uncommit(keys[j])
            end
            limiters[n]:uncommit(keys[n])
            return nil, err
        end
    end
    return delay
end

return _M
