-- What the error for an iterator that can't be called names: LuaJIT looks at the loop's body, which is in front of the call.
local function try(s) local f, e = loadstring(s, "=p") if not f then print(e) else print(pcall(f, 1, 2)) end end
try "for k1, v2 in nil do repeat local v84 = k1 until n82 end"
try "for k1, v2 in (select(3, ...)) do repeat local v84 = k1 k1 = v84 until n82 end"
try "for k1, v2 in (select(3, ...)) do local v84 = k1 end"
try "for k1, v2 in (select(3, ...)) do repeat n82(1) local v84 = k1 k1 = v84 until n82 v86 = {10, unpack({k1}, 2)} end"
try "for k1, v2 in (select(3, ...)) do do local v84 = k1 end local x end"
try "for k1, v2 in (select(3, ...)) do do local v83, v84 = k1 end local x, y, z end"
try "for k1, v2 in (select(3, ...)) do k1 = x.y end"
try "for k1, v2 in (select(3, ...)) do k1 = x end"
try "local u for k1, v2 in (select(3, ...)) do k1 = u end"
