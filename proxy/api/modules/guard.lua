-- Run when the VM is made, as chunk "_G write guard". Globals are shared by all requests of a worker, so code of a request
-- that makes a new one is told, in the words of lua-nginx.
require "resty.core" -- loaded without being asked for, as there

local log, WARN, phase = ngx.log, ngx.WARN, ngx.get_phase
local text, set, trace = tostring, rawset, debug.traceback

local function newindex(globals, name, value)
	set(globals, name, value)
	local p = phase()
	if p ~= "init" and p ~= "init_worker" then
		log(WARN, "writing a global Lua variable ('", text(name), "') which may lead to race conditions between concurrent ",
			"requests, so prefer the use of 'local' variables", trace("", 2))
	end
end

setmetatable(_G, { __newindex = newindex })
