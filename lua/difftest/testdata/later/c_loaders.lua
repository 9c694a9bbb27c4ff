-- The loaders of C modules: their number, and the files they name.
print(#package.loaders)
package.path = "./?.nope"
package.cpath = "./?.none"
print(pcall(require, "no.such.module"))
print(package.loadlib("/nonexistent/lib.so", "luaopen_x"))
