-- A JSON encoder, as small as the site needs. Bytes above 127 are passed on as they are: what comes in as UTF-8 goes out as UTF-8.
local M = { }

local array_mt = { }

-- Marks a table as a JSON array; an empty one can't be told from an object otherwise.
function M.array(t)
    return setmetatable(t, array_mt)
end

M.null = setmetatable({ }, { __tostring = function() return "null" end })

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(c)
    return short[c] or string.format("\\u%04x", c:byte())
end

local function quote(s)
    return '"' .. s:gsub('[%c"\\]', escape) .. '"'
end

local encode

local function encode_array(t, out)
    out[#out + 1] = "["
    for i = 1, #t do
        if i > 1 then out[#out + 1] = "," end
        encode(t[i], out)
    end
    out[#out + 1] = "]"
end

-- Names in order, so that equal tables give equal text.
local function encode_object(t, out)
    local names = { }
    for name in pairs(t) do names[#names + 1] = tostring(name) end
    table.sort(names)
    out[#out + 1] = "{"
    for i, name in ipairs(names) do
        if i > 1 then out[#out + 1] = "," end
        out[#out + 1] = quote(name) .. ":"
        encode(t[name], out)
    end
    out[#out + 1] = "}"
end

function encode(value, out)
    local kind = type(value)
    if value == nil or value == M.null then
        out[#out + 1] = "null"
    elseif kind == "string" then
        out[#out + 1] = quote(value)
    elseif kind == "boolean" then
        out[#out + 1] = tostring(value)
    elseif kind == "number" then
        -- JSON has neither NaN nor infinities.
        local finite = value == value and value ~= math.huge and value ~= -math.huge
        out[#out + 1] = finite and string.format("%.14g", value) or "null"
    elseif kind == "table" then
        if getmetatable(value) == array_mt or #value > 0 then
            encode_array(value, out)
        else
            encode_object(value, out)
        end
    else
        error("can't encode a " .. kind, 0)
    end
end

function M.encode(value)
    local out = { }
    encode(value, out)
    return table.concat(out)
end

return M
