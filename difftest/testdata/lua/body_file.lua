ngx.req.read_body()
local name = ngx.req.get_body_file()
ngx.say(tostring(ngx.req.get_body_data()))
if not name then return ngx.say("no file") end
local f = assert(io.open(name))
ngx.say(f:read("*a"))
f:close()
