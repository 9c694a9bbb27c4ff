local page = require "page"
local stats = require "stats"

local phases = stats.mark()
local headers = ngx.req.get_headers()

local function card(title, body)
    return '<section class="card"><h2>' .. title .. '</h2>' .. body .. '</section>'
end

local here = page.facts {
    { "Engine", stats.engine() },
    { "Speaks as", "nginx " .. (ngx.var.nginx_version or "of unknown version") .. ", " .. _VERSION },
    { "Worker", "process " .. (ngx.var.pid or "unknown") },
    { "Up for", stats.spoken(stats.uptime()) },
    { "Requests so far", stats.requests() .. " in this worker" },
}

local request = page.facts {
    { "You asked", ngx.req.get_method() .. " " .. ngx.var.request_uri },
    { "By", ngx.var.server_protocol .. " to " .. (ngx.var.http_host or ngx.var.host) },
    { "From", ngx.var.remote_addr },
    { "With", headers["User-Agent"] or "no User-Agent" },
}

local order = page.facts {
    { "Once, before the first request", "init" },
    { "This request, until here", table.concat(phases, " → ") },
    { "The one before, to its end", stats.last_phases() },
}

local function try(method, path, what, extra)
    return '<li><button type="button" data-method="' .. method .. '" data-path="' .. path .. '"' .. (extra or "") .. '>' ..
        '<b>' .. method .. '</b> <code>' .. path .. '</code><span>' .. what .. '</span></button></li>'
end

page.send("Moonring is up", table.concat({
    '<section class="hero">',
    '<h1>It runs.</h1>',
    '<p>This page was written by Lua, out of an <code>nginx.conf</code>, a moment ago: <time>' .. os.date("!%Y-%m-%d %H:%M:%S") .. ' UTC</time>.</p>',
    '</section>',
    '<div class="grid">',
    card("What runs", here),
    card("Your request", request),
    card("Phases", order),
    '</div>',
    '<section class="card wide"><h2>Try it</h2><ul class="try">',
    try("GET", "/api/hello?name=moon", "arguments in, JSON out"),
    try("GET", "/api/time", "the worker’s clock"),
    try("GET", "/api/status", "what this worker has done"),
    try("POST", "/api/echo", "headers and body come back", ' data-body="from the landing page"'),
    try("GET", "/api/slow?ms=400", "a sleep that blocks nobody"),
    try("GET", "/origin/hello", "from an upstream, through the proxy"),
    try("GET", "/admin", "without the token: 403"),
    try("GET", "/admin/status", "with the token: 200", ' data-token="moonrise"'),
    try("GET", "/style.css", "a static file"),
    try("GET", "/nowhere", "a page that isn’t there"),
    '</ul><pre id="answer" aria-live="polite">Press one, or use curl:\n\ncurl -i \'http://' .. page.escape(ngx.var.http_host or "127.0.0.1:8080") ..
        '/api/hello?name=moon\'</pre></section>',
    '<script src="/site.js" defer></script>',
}, "\n"))
