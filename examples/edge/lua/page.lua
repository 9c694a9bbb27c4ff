-- HTML: escaping, and the frame around every page.
local M = { }

local entity = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

function M.escape(s)
    return (tostring(s):gsub("[&<>\"']", entity))
end

-- Rows of a definition list; values are escaped here.
function M.facts(rows)
    local out = { }
    for _, row in ipairs(rows) do
        out[#out + 1] = '<div><dt>' .. M.escape(row[1]) .. '</dt><dd>' .. M.escape(row[2]) .. '</dd></div>'
    end
    return '<dl class="facts">' .. table.concat(out, "\n") .. '</dl>'
end

-- Sends a page; body is HTML.
function M.send(title, body)
    ngx.header["Content-Type"] = "text/html; charset=utf-8"
    ngx.header["Cache-Control"] = "no-store"
    ngx.say([[<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>]], M.escape(title), [[</title>
<link rel="icon" href="/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<a class="brand" href="/"><img src="/logo.svg" alt="" width="36" height="36"><span>Moonring</span></a>
<nav><a href="/about/">About</a><a href="/api/status">API</a><a href="/admin">Admin</a></nav>
</header>
<main>
]], body, [[

</main>
<footer>Made by Lua in the content phase of <code>examples/edge</code></footer>
</body>
</html>]])
end

return M
