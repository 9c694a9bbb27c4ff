-- resty.md5, resty.sha1, resty.sha256 and so on: a digest of pieces. They are put together at the end, as strings are shared anyway.
local name, digest = ...
local kind = name:match("[^.]+$")
local concat, sub, type = table.concat, string.sub, type

local _M = { _VERSION = "0.16" }
local meta = { __index = _M }

function _M.new()
	return setmetatable({ n = 0 }, meta)
end

-- length: how much of piece counts.
function _M:update(piece, length)
	if type(piece) == "number" then
		piece = piece .. ""
	end
	if length then
		piece = sub(piece, 1, length)
	end
	local n = self.n + 1
	self.n, self[n] = n, piece
	return true
end

function _M:final()
	return digest(kind, concat(self, "", 1, self.n))
end

function _M:reset()
	for i = 1, self.n do
		self[i] = nil
	end
	self.n = 0
	return true
end

return _M
