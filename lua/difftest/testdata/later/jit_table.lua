-- The jit table that portable modules look at.
print(type(jit), type(jit and jit.version), jit and jit.version_num, jit and jit.os)
for _, name in ipairs {"on", "off", "flush", "status"} do print(name, type(jit and jit[name])) end
print(pcall(function() return jit.off(), jit.on(), jit.flush() end))
print(package.loaded.jit == jit, require "jit" == jit)
