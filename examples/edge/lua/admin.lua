local json = require "json"
local page = require "page"
local stats = require "stats"

if ngx.var.uri == "/admin/status" then
    ngx.header["Content-Type"] = "application/json"
    return ngx.say(json.encode { welcome = true, requests = stats.requests(), responses = stats.by_class() })
end

local rows = {
    { "Engine", stats.engine() },
    { "Up for", stats.spoken(stats.uptime()) },
    { "Requests", stats.requests() },
}
local classes = { }
for class in pairs(stats.by_class()) do classes[#classes + 1] = class end
table.sort(classes)
for _, class in ipairs(classes) do
    rows[#rows + 1] = { "Answered " .. class, stats.by_class()[class] }
end
page.send("Admin", '<section class="hero"><h1>Come in.</h1><p>What this worker has done since it started.</p></section>' ..
    '<section class="card wide"><h2>Worker</h2>' .. page.facts(rows) .. '</section>')
