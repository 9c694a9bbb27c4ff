-- What stands behind the proxy.
local json = require "json"

ngx.header.content_type = "application/json"
ngx.say(json.encode({
    origin = true, path = ngx.var.uri, client = ngx.var.http_x_real_ip or json.null, connection_requests = tonumber(ngx.var.connection_requests),
}))
