-- debug.sethook and gethook: the count hook.
print(debug.gethook())
local n=0
local function h(ev,line) n=n+1 if n==1 then print(ev,line,debug.getinfo(1,"n").namewhat,debug.getinfo(2,"l").currentline, debug.getinfo(2,"f").func==loopf) end end
debug.sethook(h,"",1000)
print(debug.gethook()==h,select(2,debug.gethook()))
function loopf() local x=0 for i=1,100000 do x=x+i end return x end
loopf()
print(n>10)
debug.sethook() print(debug.gethook())
debug.sethook(h,"") print(debug.gethook()==h,select(2,debug.gethook()))
debug.sethook(h,"",0) print(debug.gethook()==h,select(2,debug.gethook()))
print(pcall(debug.sethook,1)) print(pcall(debug.sethook,h)) print(pcall(debug.sethook,h,{})) print(pcall(debug.sethook,h,"","x")) print(pcall(debug.sethook,nil,nil)) print(pcall(debug.sethook,"x","",1))
debug.sethook(h,"",5000) print(select(2,debug.gethook())) debug.sethook()
debug.sethook(function() error("timeout") end,"",100000)
print(pcall(function() while true do end end)) debug.sethook()
debug.sethook(function() error("timeout",2) end,"",100000)
print(pcall(function() while true do end end)) debug.sethook()
debug.sethook(function() error({1}) end,"",100000)
print(type(select(2,pcall(function() while true do end end)))) debug.sethook()
local function f() return f() end
debug.sethook(function() error("tail") end,"",100000) print(pcall(f)) debug.sethook()
debug.sethook(function() coroutine.yield(1) end,"",100000) print(pcall(coroutine.wrap(function() while true do end end))) debug.sethook()
local c=0 debug.sethook(function() c=c+1 for i=1,1e4 do end end,"",1000) for i=1,1e5 do end debug.sethook() print(c>0)
local co=coroutine.create(function() for i=1,1e5 do end return "co" end) c=0 debug.sethook(function() c=c+1 end,"",1000) print(coroutine.resume(co)) print(c>0,debug.gethook(co)~=nil) debug.sethook()
c=0 debug.sethook(function() c=c+1 debug.sethook() end,"",1000) for i=1,1e5 do end print(c,debug.gethook())
local t={} debug.sethook(function() t[#t+1]=debug.getinfo(2,"S").what end,"",1000) for i=1,1e4 do local s=("x"):rep(10):gsub("x",function(x) return x end) end debug.sethook() print(#t>0)
