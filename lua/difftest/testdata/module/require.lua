-- require: preload, loaded, results, arguments, errors.
package.preload["m1"] = function(...) print("loading", ...) return {v = 1} end
print(require("m1").v, require("m1") == package.loaded.m1)
package.preload["m2"] = function() end
print(require("m2"), package.loaded.m2)
package.preload["m3"] = function() return false end
print(require("m3"), package.loaded.m3)
package.preload["m4"] = function(n) package.loaded[n] = "set inside" end
print(require("m4"))
package.preload["m5"] = function() error("broken module") end
print(pcall(require, "m5")) print(pcall(require, "m5"))
package.preload["m6"] = function() return require("m6") end
print(pcall(require, "m6"))
package.loaded["m7"] = "direct" print(require "m7") package.loaded.m1 = nil print(require("m1").v)
print(require("string") == string, require("table") == table, package.loaded._G == _G, require("coroutine") == coroutine)
print(pcall(require)) print(pcall(require, {})) print(pcall(function() require(nil) end))
