-- resty.limit.count: so many requests of a key in a window of time, which begins with the first of them. The dict has how many are left.
local setmetatable, assert = setmetatable, assert

local _M = { _VERSION = "0.09" }
local mt = { __index = _M }

function _M.new(dict_name, limit, window)
    local dict = ngx.shared[dict_name]
    if not dict then
        return nil, "shared dict not found"
    end
    assert(limit > 0 and window > 0)
    return setmetatable({ dict = dict, limit = limit, window = window }, mt)
end

function _M.incoming(self, key, commit)
    local left, err
    if commit then
        left, err = self.dict:incr(key, -1, self.limit, self.window)
        if not left then
            return nil, err
        end
    else
        left = (self.dict:get(key) or self.limit) - 1
    end
    if left < 0 then
        return nil, "rejected"
    end
    return 0, left
end

function _M.uncommit(self, key)
    assert(key)
    local left, err = self.dict:incr(key, 1)
    if left or err ~= "not found" then
        return left, err
    end
    return self.limit
end

return _M
