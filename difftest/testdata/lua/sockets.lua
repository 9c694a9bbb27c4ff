-- A connection to /socket/obey.
local function open(options)
    local s = ngx.socket.tcp()
    local ok, err = s:connect("127.0.0.1", tonumber(ngx.var.server_port), options)
    if not ok then error(err, 2) end
    if s:getreusedtimes() == 0 then
        assert(s:send("GET /socket/obey HTTP/1.1\r\nHost: first.test\r\n\r\n"))
    end
    return s
end

return { open = open }
