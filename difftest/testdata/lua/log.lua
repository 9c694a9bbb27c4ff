ngx.log(ngx.NOTICE, "marker-file ", ngx.ctx.t, " ", ngx.var.request_method, " ", ngx.status)
