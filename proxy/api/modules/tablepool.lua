-- tablepool: tables that were released, for who fetches one with the same tag.
local clear, new_table = require "table.clear", require "table.new"
local error, setmetatable = error, setmetatable

local KEPT = 200        -- tables a tag keeps
local RELEASES = 20000  -- so many, and the tag begins anew: what a large table holds doesn't stay for ever

local _M = {}
local pools = {}        -- by tag: the tables, their number as n, the releases so far as releases

function _M.fetch(tag, narr, nrec)
    local pool = pools[tag]
    if pool then
        local n = pool.n
        if n > 0 then
            local t = pool[n]
            pool[n] = nil
            pool.n = n - 1
            return t
        end
    else
        pools[tag] = { n = 0, releases = 0 }
    end
    return new_table(narr, nrec)
end

function _M.release(tag, obj, noclear)
    if not obj then
        error("object empty", 2)
    end
    local pool = pools[tag]
    if not pool then
        pool = { n = 0, releases = 0 }
        pools[tag] = pool
    end
    local releases = pool.releases + 1
    if releases >= RELEASES then
        pools[tag] = { n = 0, releases = 0 }
        return
    end
    pool.releases = releases
    local n = pool.n + 1
    if n > KEPT then
        return
    end
    if not noclear then
        setmetatable(obj, nil)
        clear(obj)
    end
    pool[n] = obj
    pool.n = n
end

return _M
