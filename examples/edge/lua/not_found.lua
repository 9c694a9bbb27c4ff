local page = require "page"

ngx.status = ngx.HTTP_NOT_FOUND
page.send("Not found", '<section class="hero"><h1>Nothing here.</h1><p><code>' .. page.escape(ngx.var.uri) ..
    '</code> is on the far side. <a href="/">Back to the near one</a>.</p></section>')
