-- resty.string: digits for bytes, and numbers for digits.
local error, format, gsub, match, tonumber, type = error, string.format, string.gsub, string.match, tonumber, type

local _M = { _VERSION = "0.17" }

local hex = {}
for i = 0, 255 do
    hex[string.char(i)] = format("%02x", i)
end

function _M.to_hex(s)
    return (gsub(s, ".", hex))
end

local LARGEST = "9223372036854775807"

-- What ngx_atoi reads: digits alone, up to the largest intptr_t; of all else -1.
function _M.atoi(s)
    if type(s) ~= "string" then
        error("bad argument #1 to 'atoi' (string expected, got " .. type(s) .. ")", 2)
    end
    local digits = match(s, "^0*(%d*)$")
    if s == "" or not digits or #digits > #LARGEST or #digits == #LARGEST and digits > LARGEST then
        return -1
    end
    return tonumber(digits) or 0
end

return _M
