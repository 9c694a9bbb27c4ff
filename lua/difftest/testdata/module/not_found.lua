-- The text of a module that isn't found.
package.path = "./?.nope;/nonexistent/?/init.lua"
package.cpath = ""
print(pcall(require, "no.such.module"))
print(pcall(function() require("plain") end))
package.path = ""
print(pcall(require, "x"))
print(package.searchpath("a.b", "./?.lua;/x/?.lua"))
print(package.searchpath("a.b", "?.x", ".", "_"))
print(package.config:byte(1, -1))
print(package.path, package.cpath, type(package.loadlib))
