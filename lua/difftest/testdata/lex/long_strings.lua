-- Long brackets at several levels; the first line end is dropped; escapes are not read.
print([[plain]], [=[with ]] inside]=], [==[ ]=] ]==])
print([[
first newline dropped]])
print([[

second kept]])
print([[a\nb\]], #[[\x41]])
print([==[
one
two
]==])
print(#[[]], #[[
]], [=[[[nested]]]=])
local t = {[ [[k]] ] = 1, [ [=[j]=]] = 2}
print(t.k, t.j)
