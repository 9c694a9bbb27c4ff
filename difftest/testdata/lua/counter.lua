local M = { }
local n = 1

function M.add(k) n = n + k end
function M.get() return n end

return M
