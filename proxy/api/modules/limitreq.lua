-- resty.limit.req: so many requests a second for a key. Its record in the dict is how far the key is ahead of its rate, in thousandths of a request, and
-- when that was, in milliseconds. It is exchanged only if it is still the one that was read: no request of another worker is lost.
local _, pack, unpack = ...
local abs, max = math.abs, math.max
local setmetatable, assert = setmetatable, assert

local _M = { _VERSION = "0.09" }
local mt = { __index = _M }

-- Who comes too late so often stores over the others: a limit isn't worth a wait.
local tries = 20

function _M.new(dict_name, rate, burst)
    local dict = ngx.shared[dict_name]
    if not dict then
        return nil, "shared dict not found"
    end
    assert(rate > 0 and burst >= 0)
    return setmetatable({ dict = dict, rate = rate * 1000, burst = burst * 1000 }, mt)
end

-- change gives the key's record f's excess, which may be a refusal instead, and f's time.
local function change(self, key, commit, f)
    local dict = self.dict
    for i = 1, tries do
        local record = dict:get(key)
        local excess, last
        if record ~= nil then
            excess, last = unpack(record)
            if not excess then
                return nil, "shdict abused by other users"
            end
        end
        local time
        excess, time = f(self, excess, last)
        if not excess or not commit then
            return excess, time
        end
        local ok, err
        if i < tries then
            ok, err = dict:cas(key, record, pack(excess, time))
        else
            ok, err = dict:set(key, pack(excess, time))
        end
        if ok or err ~= "changed" then
            return excess
        end
    end
end

local function one_more(self, excess, last)
    local now = ngx.now() * 1000
    if not excess then
        return 0, now
    end
    excess = max(excess - self.rate * abs(now - last) / 1000 + 1000, 0)
    if excess > self.burst then
        return nil, "rejected"
    end
    return excess, now
end

function _M.incoming(self, key, commit)
    local excess, err = change(self, key, commit, one_more)
    if not excess then
        return nil, err
    end
    return excess / self.rate, excess / 1000
end

local function one_less(_, excess, last)
    if not excess then
        return nil, "not found"
    end
    return max(excess - 1000, 0), last
end

function _M.uncommit(self, key)
    assert(key)
    local excess, err = change(self, key, true, one_less)
    if not excess then
        return nil, err
    end
    return true
end

function _M.set_rate(self, rate)
    self.rate = rate * 1000
end

function _M.set_burst(self, burst)
    self.burst = burst * 1000
end

return _M
