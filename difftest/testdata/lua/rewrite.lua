ngx.ctx.from = ngx.var.uri .. " " .. ngx.get_phase()
