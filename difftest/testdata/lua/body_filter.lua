if ngx.arg[2] then ngx.arg[1] = ngx.arg[1] .. " from a file" end
