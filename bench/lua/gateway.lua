-- Request script: an API gateway. Each request runs through a chain of plugins, each with its configuration: request id, CORS, key
-- authentication, limit by consumer, rewrite of the path and arguments, headers, log; 40,000 requests.
local concat, format = table.concat, string.format

local plugins = {}
plugins["request-id"] = {priority = 90, access = function(conf, ctx)
  ctx.serial = ctx.gateway.serial + 1
  ctx.gateway.serial = ctx.serial
  ctx.headers[conf.header] = format("%08x", ctx.serial * 40503 % 4294967296)
end}
plugins.cors = {priority = 80, access = function(conf, ctx)
  if ctx.method == "OPTIONS" then return 204 end
end, header_filter = function(conf, ctx)
  local origin = ctx.headers.origin
  if origin and (conf.origins["*"] or conf.origins[origin]) then
    ctx.out["access-control-allow-origin"] = origin
    ctx.out["vary"] = "Origin"
  end
end}
plugins["key-auth"] = {priority = 70, access = function(conf, ctx)
  local key = ctx.headers["x-api-key"] or ctx.args.apikey
  if not key then return 401, "no key" end
  local consumer = conf.keys[key]
  if not consumer then return 401, "unknown key" end
  ctx.consumer = consumer
  ctx.headers["x-consumer"] = consumer.name
  ctx.headers["x-api-key"] = nil
end}
plugins.limit = {priority = 60, access = function(conf, ctx)
  local who = ctx.consumer and ctx.consumer.name or ctx.client
  local slot = who .. ":" .. (ctx.now - ctx.now % conf.window)
  local used = (ctx.gateway.counters[slot] or 0) + 1
  ctx.gateway.counters[slot] = used
  ctx.out["x-ratelimit-remaining"] = tostring(math.max(conf.count - used, 0))
  if used > conf.count then return 429, "too many requests" end
end}
plugins.rewrite = {priority = 50, access = function(conf, ctx)
  for i = 1, #conf do
    local rule = conf[i]
    local path, n = ctx.path:gsub(rule.pattern, rule.to)
    if n > 0 then
      ctx.path = path
      break
    end
  end
  local args = {}
  for k, v in pairs(ctx.args) do
    if k ~= "apikey" then args[#args + 1] = k .. "=" .. v end
  end
  table.sort(args)
  ctx.upstream = ctx.path .. (#args > 0 and "?" .. concat(args, "&") or "")
end}
plugins.headers = {priority = 40, header_filter = function(conf, ctx)
  for name in pairs(conf.remove) do
    ctx.out[name] = nil
  end
  for name, v in pairs(conf.set) do
    ctx.out[name] = v
  end
end}
plugins.log = {priority = 10, log = function(conf, ctx)
  local log = ctx.gateway.log
  log.lines = log.lines + 1
  log.bytes = log.bytes + #format('%s "%s %s" %d %s %d', ctx.client, ctx.method, ctx.uri, ctx.status,
    ctx.consumer and ctx.consumer.name or "-", #ctx.body)
end}

local phases = {"access", "header_filter", "log"}
-- The chain of a route: for each phase, the functions with their configuration in the order of priority.
local function chain(config)
  local names = {}
  for name in pairs(config) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b) return plugins[a].priority > plugins[b].priority end)
  local out = {}
  for _, phase in ipairs(phases) do
    local steps = {}
    for _, name in ipairs(names) do
      if plugins[name][phase] then steps[#steps + 1] = {run = plugins[name][phase], conf = config[name], name = name} end
    end
    out[phase] = steps
  end
  return out
end

local keys = {}
for i = 1, 20 do
  keys["key" .. i] = {name = "consumer" .. i}
end
local common = {["request-id"] = {header = "x-request-id"}, log = {}, headers = {remove = {server = true, ["x-powered-by"] = true}, set = {via = "gateway"}}}
local function with(more)
  local out = {}
  for k, v in pairs(common) do
    out[k] = v
  end
  for k, v in pairs(more) do
    out[k] = v
  end
  return chain(out)
end
local routes = {
  {prefix = "/api/v1/", methods = {GET = true, POST = true, OPTIONS = true}, chain = with {
    cors = {origins = {["https://app.example"] = true}}, ["key-auth"] = {keys = keys}, limit = {count = 90, window = 60},
    rewrite = {{pattern = "^/api/v1/users/(%d+)/orders$", to = "/orders/by-user/%1"}, {pattern = "^/api/v1", to = ""}}}},
  {prefix = "/static/", methods = {GET = true}, chain = with {cors = {origins = {["*"] = true}}, rewrite = {}}},
  {prefix = "/", methods = {GET = true}, chain = with {limit = {count = 1000000, window = 3600}, rewrite = {}}},
}

local function run(steps, ctx)
  for i = 1, #steps do
    local step = steps[i]
    local status, text = step.run(step.conf, ctx)
    if status then return status, text end
  end
end
local function handle(gateway, client, method, uri, headers, now)
  local path, query = uri:match("^([^?]*)%??(.*)$")
  local args = {}
  for k, v in query:gmatch("([^&=]+)=([^&]*)") do
    args[k] = v
  end
  local copy = {}
  for k, v in pairs(headers) do
    copy[k] = v
  end
  local ctx = {gateway = gateway, client = client, method = method, uri = uri, path = path, args = args, headers = copy, now = now,
    out = {server = "origin", ["x-powered-by"] = "lua"}}
  local route
  for i = 1, #routes do
    if path:sub(1, #routes[i].prefix) == routes[i].prefix then
      route = routes[i]
      break
    end
  end
  if not route.methods[method] then
    ctx.status, ctx.body = 405, "method not allowed"
  else
    local status, text = run(route.chain.access, ctx)
    ctx.status, ctx.body = status or 200, text or ctx.upstream or ""
  end
  run(route.chain.header_filter, ctx)
  local ok, err = pcall(run, route.chain.log, ctx)
  if not ok then error(err) end
  return ctx
end

local cases = {
  {"GET", "/api/v1/users/42/orders?sort=date&limit=20", {["x-api-key"] = "key3", origin = "https://app.example"}},
  {"GET", "/api/v1/items?apikey=key7&page=2", {host = "api.example"}},
  {"POST", "/api/v1/items", {["x-api-key"] = "stolen", origin = "https://evil.example"}},
  {"OPTIONS", "/api/v1/items", {origin = "https://app.example"}},
  {"GET", "/static/app.js?v=12", {origin = "https://cdn.example"}},
  {"GET", "/", {host = "www.example", accept = "text/html"}},
  {"DELETE", "/static/app.js", {}},
  {"GET", "/api/v1/users/7/orders", {}},
}
local gateway = {serial = 0, counters = {}, log = {lines = 0, bytes = 0}}
local counts, bytes, headers = {}, 0, 0
for i = 1, 40000 do
  local c = cases[i % #cases + 1]
  local ctx = handle(gateway, "192.0.2." .. i % 50, c[1], c[2], c[3], 1000 + (i - i % 100) / 100)
  counts[ctx.status] = (counts[ctx.status] or 0) + 1
  bytes = bytes + #ctx.body
  for name, v in pairs(ctx.out) do
    headers = headers + #name + #v
  end
end
local text = {}
for _, status in ipairs {200, 204, 401, 405, 429} do
  text[#text + 1] = status .. "=" .. (counts[status] or 0)
end
print(concat(text, " "), bytes, headers, gateway.log.lines, gateway.log.bytes)
