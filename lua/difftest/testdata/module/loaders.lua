-- package.loaders: order, custom loaders, their results.
print(#package.loaders >= 2, type(package.loaders[1]))
table.insert(package.loaders, 2, function(name)
  if name:match("^virtual%.") then return function(n, ...) return {name = n, extra = select("#", ...)} end end
  return "\n\tno virtual '" .. name .. "'"
end)
print(require("virtual.a").name, require("virtual.a").extra)
package.path = ""
package.cpath = ""
print(pcall(require, "other"))
table.remove(package.loaders, 2)
package.loaders[#package.loaders + 1] = function(n) return nil end
print(pcall(require, "again"))
package.loaders = nil
print(pcall(require, "z"))
