-- The access phase of /admin: whoever sends the token in X-Edge-Token may pass. A real site takes it from a place that isn't in its repository.
local bit = require "bit"

local token = "moonrise"

-- Takes the same time wherever the two differ, so that a token can't be found byte by byte.
local function equal(given, expected)
    local difference = bit.bxor(#given, #expected)
    for i = 1, #expected do
        difference = bit.bor(difference, bit.bxor(given:byte(i) or 0, expected:byte(i)))
    end
    return difference == 0
end

local given = ngx.req.get_headers()["X-Edge-Token"]
if type(given) == "string" and equal(given, token) then
    return
end

ngx.log(ngx.NOTICE, "refused ", ngx.var.request_uri, given and ": wrong token" or ": no token")
ngx.status = ngx.HTTP_FORBIDDEN
require("page").send("No entry", [[<section class="hero"><h1>No entry.</h1>
<p>The access phase refused you. It wants a header:</p>
<pre>curl -H 'X-Edge-Token: moonrise' 'http://]] .. require("page").escape(ngx.var.http_host or ngx.var.host) .. [[/admin'</pre></section>]])
return ngx.exit(ngx.HTTP_FORBIDDEN)
