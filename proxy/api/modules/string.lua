-- resty.string: digits for bytes, and numbers for digits.
local byte, format, gsub, match, tonumber = string.byte, string.format, string.gsub, string.match, tonumber

local _M = { _VERSION = "0.16" }

local hex = {}
for i = 0, 255 do
    hex[string.char(i)] = format("%02x", i)
end

function _M.to_hex(s)
    return (gsub(s, ".", hex))
end

-- What C's atoi reads.
function _M.atoi(s)
    return tonumber(match(s, "^%s*([+-]?%d+)") or 0)
end

return _M
