-- What this worker has done. A module is loaded once per worker and keeps its locals between requests.
local M = { }

local started = ngx.now()
local requests = 0
local by_class = { }
local last_phases = "none yet"

-- Notes the phase that calls it in the request's own table.
function M.mark()
    local phases = ngx.ctx.phases or { }
    phases[#phases + 1] = ngx.get_phase()
    ngx.ctx.phases = phases
    return phases
end

-- For the log phase: counts a request that is over.
function M.count()
    requests = requests + 1
    local class = math.floor(ngx.status / 100) .. "xx"
    by_class[class] = (by_class[class] or 0) + 1
    if ngx.ctx.phases then
        last_phases = table.concat(M.mark(), " → ")
    end
end

function M.requests() return requests end
function M.by_class() return by_class end
function M.last_phases() return last_phases end
function M.uptime() return ngx.now() - started end

-- Seconds as people say them.
function M.spoken(seconds)
    local s = math.floor(seconds)
    if s < 60 then return s .. " s" end
    if s < 3600 then return string.format("%d min %d s", math.floor(s / 60), s % 60) end
    return string.format("%d h %d min", math.floor(s / 3600), math.floor(s % 3600 / 60))
end

-- Names and versions of what runs, as far as it tells.
function M.engine()
    local ours = _G.moonring
    if type(ours) == "table" and ours.version then
        return "Moonring " .. tostring(ours.version)
    end
    return jit and jit.version or _VERSION
end

return M
