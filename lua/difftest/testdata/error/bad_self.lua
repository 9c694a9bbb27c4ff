-- Method calls with an unsuitable self.
print(pcall(function() local _ = string.upper() end))
print(pcall(function() local s = {upper = string.upper} s:upper() end))
print(pcall(function() local s = {f = string.rep} s:f(3) end))
print(pcall(function() io.stdout.write({}, "x") end))
print(pcall(function() local f = {write = io.stdout.write} f:write("x") end))
print(pcall(function() io.stdout:write({}) end)) print(pcall(function() io.stdout:seek("bad") end))
print(pcall(function() local o = {ins = table.insert} o:ins() end))
print(pcall(function() local o = {c = table.concat, {}} o:c() end))
