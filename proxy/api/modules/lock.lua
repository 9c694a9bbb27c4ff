-- resty.lock: a lock that all workers see, as a key of a shared dict. Who waits for it sleeps and tries again, after pauses that grow.
local max, min = math.max, math.min
local setmetatable, getmetatable, newproxy = setmetatable, getmetatable, newproxy

local _M = { _VERSION = "0.09" }
local mt = { __index = _M }

-- What an object holds, in held.key, is released when the object is collected.
local function release_at_end(held)
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = function()
        if held.key ~= nil then
            local ok, err = held.dict:delete(held.key)
            if not ok then
                ngx.log(ngx.ERR, 'failed to delete key "', held.key, '": ', err)
            end
        end
    end
    return proxy
end

function _M.new(_, dict_name, opts)
    local dict = ngx.shared[dict_name]
    if not dict then
        return nil, "dictionary not found"
    end
    opts = opts or {}
    local exptime, timeout, step = opts.exptime or 30, opts.timeout, opts.step
    if timeout then
        timeout = min(timeout, exptime)
        step = step and min(step, timeout)
    end
    local held = { dict = dict }
    return setmetatable({
        dict = dict, held = held, guard = release_at_end(held),
        exptime = exptime, timeout = timeout or 5, step = step or 0.001, ratio = opts.ratio or 2, max_step = opts.max_step or 0.5,
    }, mt)
end

function _M.lock(self, key)
    if not key then
        return nil, "nil key"
    end
    local held = self.held
    if held.key ~= nil then
        return nil, "locked"
    end
    local dict, exptime, step, left, elapsed = self.dict, self.exptime, self.step, self.timeout, 0
    while true do
        local ok, err = dict:add(key, true, exptime)
        if ok then
            held.key, self.key = key, key
            return elapsed
        end
        if err ~= "exists" then
            return nil, err
        end
        if left <= 0 then
            return nil, "timeout"
        end
        ngx.sleep(step)
        elapsed, left = elapsed + step, left - step
        step = min(max(0.001, step * self.ratio), left, self.max_step)
    end
end

function _M.unlock(self)
    local held = self.held
    if held.key == nil then
        return nil, "unlocked"
    end
    local ok, err = self.dict:delete(held.key)
    if not ok then
        return nil, err
    end
    held.key = nil
    return 1
end

function _M.expire(self, time)
    local key = self.held.key
    if key == nil then
        return nil, "unlocked"
    end
    local ok, err = self.dict:replace(key, true, time or self.exptime)
    if not ok then
        return nil, err
    end
    return true
end

return _M
