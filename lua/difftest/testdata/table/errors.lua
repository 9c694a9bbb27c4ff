-- Argument errors of the table library, by name and position.
local function try(name, ...)
  local a = {...}
  print(name, select(2, pcall(loadstring("return (table." .. name .. "(...))", "=t"), ...)))
end
try("insert") try("insert", 1) try("remove", "x") try("concat", 1) try("sort", "x") try("maxn", 1) try("concat", {}, true)
try("concat", {{}}) try("insert", {}, {}, 1) try("remove", {}, {}) try("sort", {}, {}) try("foreach", {}) try("foreach", 1, print)
