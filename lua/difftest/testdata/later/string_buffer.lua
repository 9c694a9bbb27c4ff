-- string.buffer, where the build has it.
print(pcall(function() local buffer = require "string.buffer" local b = buffer.new() b:put("a", 1, "b") return b:tostring() end))
