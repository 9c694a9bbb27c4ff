-- /api/*: one table from path to function; a function returns a status and what to encode.
local json = require "json"
local stats = require "stats"

local routes = { }

routes["/api/hello"] = function()
    local name = ngx.req.get_uri_args().name
    if type(name) == "table" then name = name[1] end
    if type(name) ~= "string" or name == "" then name = "world" end
    if #name > 100 then
        return ngx.HTTP_BAD_REQUEST, { error = "a name has at most 100 bytes" }
    end
    return ngx.HTTP_OK, { hello = name, worker = tonumber(ngx.var.pid) }
end

routes["/api/time"] = function()
    local now = ngx.now()
    return ngx.HTTP_OK, { unix = now, utc = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(now)) }
end

routes["/api/status"] = function()
    return ngx.HTTP_OK, {
        engine = stats.engine(), worker = tonumber(ngx.var.pid), uptime = math.floor(stats.uptime() * 1000) / 1000,
        requests = stats.requests(), responses = stats.by_class(),
    }
end

routes["/api/echo"] = function()
    ngx.req.read_body()
    return ngx.HTTP_OK, {
        method = ngx.req.get_method(), uri = ngx.var.uri, args = ngx.req.get_uri_args(), headers = ngx.req.get_headers(),
        body = ngx.req.get_body_data() or json.null,
    }
end

-- Waits in steps, inside an iterator: the worker serves others meanwhile.
routes["/api/slow"] = function()
    local ms = tonumber(ngx.var.arg_ms) or 200
    if not (ms >= 0 and ms <= 5000) then
        return ngx.HTTP_BAD_REQUEST, { error = "ms is between 0 and 5000" }
    end
    local function steps(n)
        return function(_, i)
            if i < n then
                ngx.sleep(ms / n / 1000)
                return i + 1
            end
        end, nil, 0
    end
    local begun, slept = ngx.now(), 0
    for step in steps(4) do slept = step end
    return ngx.HTTP_OK, { asked_ms = ms, waited_ms = math.floor((ngx.now() - begun) * 1000 + 0.5), steps = slept }
end

local route = routes[ngx.var.uri]
local status, value
if route then
    status, value = route()
else
    local known = json.array { }
    for path in pairs(routes) do known[#known + 1] = path end
    table.sort(known)
    status, value = ngx.HTTP_NOT_FOUND, { error = "no such path", known = known }
end
ngx.status = status
ngx.header["Content-Type"] = "application/json"
ngx.header["Cache-Control"] = "no-store"
ngx.say(json.encode(value))
