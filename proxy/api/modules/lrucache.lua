-- resty.lrucache: a cache of a fixed number of items, which drops what was used longest ago.
-- An item is a node of a ring, whose head is the cache itself: head.next was used last, head.prev longest ago.
local _, now = ... -- ngx.now, and the time where that isn't
local setmetatable, type = setmetatable, type
local clear, new_table = require "table.clear", require "table.new"

local _M = { _VERSION = "0.15" }
local mt = { __index = _M }

function _M.new(size)
    if size < 1 then
        return nil, "size too small"
    end
    local head = {}
    head.prev, head.next = head, head
    return setmetatable({ nodes = {}, head = head, num_items = 0, max_items = size }, mt)
end

local function unlink(node)
    node.prev.next, node.next.prev = node.next, node.prev
end

local function use(head, node)
    node.prev, node.next = head, head.next
    head.next.prev = node
    head.next = node
end

function _M.count(self)
    return self.num_items
end

function _M.capacity(self)
    return self.max_items
end

function _M.get(self, key)
    local node = self.nodes[key]
    if not node then
        return nil
    end
    unlink(node)
    use(self.head, node)
    if node.expire >= 0 and node.expire < now() then
        return nil, node.value, node.flags
    end
    return node.value, nil, node.flags
end

function _M.delete(self, key)
    local node = self.nodes[key]
    if not node then
        return false
    end
    self.nodes[key] = nil
    unlink(node)
    self.num_items = self.num_items - 1
    return true
end

function _M.set(self, key, value, ttl, flags)
    if value == nil then
        self:delete(key)
        return
    end
    local nodes = self.nodes
    local node = nodes[key]
    if node then
        unlink(node)
    elseif self.num_items >= self.max_items then
        node = self.head.prev
        unlink(node)
        nodes[node.key] = nil
        nodes[key] = node
    else
        node = {}
        nodes[key] = node
        self.num_items = self.num_items + 1
    end
    node.key, node.value = key, value
    node.expire = ttl and now() + ttl or -1
    node.flags = type(flags) == "number" and flags >= 0 and flags or 0
    use(self.head, node)
end

function _M.get_keys(self, max_count, res)
    if not max_count or max_count == 0 then
        max_count = self.num_items
    end
    res = res or new_table(max_count + 1, 0)
    local i, head = 0, self.head
    local node = head.next
    while node ~= head and i < max_count do
        i = i + 1
        res[i] = node.key
        node = node.next
    end
    res[i + 1] = nil
    return res
end

function _M.flush_all(self)
    clear(self.nodes)
    self.num_items = 0
    local head = self.head
    head.prev, head.next = head, head
end

return _M
