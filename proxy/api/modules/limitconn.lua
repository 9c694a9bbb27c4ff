-- resty.limit.conn: so many requests of a key at a time. The dict has how many there are.
local floor = math.floor
local setmetatable, assert = setmetatable, assert

local _M = { _VERSION = "0.09" }
local mt = { __index = _M }

function _M.new(dict_name, conn, burst, default_conn_delay)
    local dict = ngx.shared[dict_name]
    if not dict then
        return nil, "shared dict not found"
    end
    assert(conn > 0 and burst >= 0 and default_conn_delay > 0)
    return setmetatable({ dict = dict, max = conn + 0, burst = burst, unit_delay = default_conn_delay }, mt)
end

function _M.incoming(self, key, commit)
    local dict, most = self.dict, self.max
    self.committed = false
    local conn, err
    if commit then
        conn, err = dict:incr(key, 1, 0)
        if not conn then
            return nil, err
        end
    else
        conn = (dict:get(key) or 0) + 1
    end
    if conn > most + self.burst then
        if commit then
            conn, err = dict:incr(key, -1)
            if not conn then
                return nil, err
            end
        end
        return nil, "rejected"
    end
    self.committed = not not commit
    if conn > most then
        return self.unit_delay * floor((conn - 1) / most), conn
    end
    return 0, conn
end

function _M.is_committed(self)
    return self.committed
end

function _M.leaving(self, key, req_latency)
    assert(key)
    local conn, err = self.dict:incr(key, -1)
    if not conn then
        return nil, err
    end
    if req_latency then
        self.unit_delay = (req_latency + self.unit_delay) / 2
    end
    return conn
end

function _M.uncommit(self, key)
    assert(key)
    return self.dict:incr(key, -1)
end

function _M.set_conn(self, conn)
    self.max = conn
end

function _M.set_burst(self, burst)
    self.burst = burst
end

return _M
