ngx.header["X-From-File"] = ngx.var.uri
