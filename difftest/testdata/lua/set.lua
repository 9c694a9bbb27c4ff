return ngx.arg[1] .. " " .. ngx.arg[2] * 6
