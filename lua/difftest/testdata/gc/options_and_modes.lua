-- collectgarbage: every option and what it returns; weak tables by mode.
local function keys(t) local n=0 for _ in pairs(t) do n=n+1 end return n end
-- collectgarbage
print(collectgarbage("setpause",150), collectgarbage("setpause",200), collectgarbage("setpause"), collectgarbage("setpause",200))
print(collectgarbage("isrunning"), collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
print(collectgarbage(), collectgarbage("collect"), type(collectgarbage("count")))
local n=0 repeat n=n+1 until collectgarbage("step") or n>100000 print(n<100000)
print(collectgarbage("step",1000000))
print(pcall(collectgarbage,"x")) print(pcall(collectgarbage,1)) print(pcall(collectgarbage,{})) print(pcall(collectgarbage,"step","x"))
print(pcall(collectgarbage,"generational")) print(pcall(collectgarbage,"incremental")) print(pcall(collectgarbage, nil))
print(type(gcinfo()), select("#",gcinfo()))
-- weak
for _,mode in ipairs{"k","v","kv","vk","x","","K",1} do
  local t=setmetatable({},{__mode=mode})
  t[{}]=1 t[2]={} t[{}]={} t["s"]="str" t[3]=function() return t end t[newproxy()]=1 t[4]=print t[coroutine.create(print)]=2 t[5]=coroutine.create(print)
  t[1]=1
  collectgarbage() collectgarbage()
  print(mode,keys(t), t.s, t[1], t[4]==print)
end
local t=setmetatable({},{__mode="k"}) local k={} t[k]={k} k=nil collectgarbage() collectgarbage() print("eph",keys(t))
local t=setmetatable({},{__mode="v"}) for i=1,10 do t[i]={} end collectgarbage() print(#t, keys(t))
-- gc
local log={}
local function mk(name) local p=newproxy(true) getmetatable(p).__gc=function(o) log[#log+1]=name..":"..type(o) end return p end
do local a,b,c=mk"a",mk"b",mk"c" end
collectgarbage() collectgarbage() print(table.concat(log," "))
log={}
local p=newproxy(true) getmetatable(p).__gc=function(o) log[#log+1]="res" _G.saved=o end p=nil collectgarbage() collectgarbage() print(#log,type(saved)) saved=nil collectgarbage() collectgarbage() print(#log)
local q=newproxy(true) local q2=newproxy(q) print(getmetatable(q)==getmetatable(q2), pcall(newproxy,1), pcall(newproxy,{}),type(newproxy(false)),getmetatable(newproxy()))
local t=setmetatable({},{__gc=function() print("table gc") end}) t=nil collectgarbage()
local wk=setmetatable({},{__mode="k"}) local wv=setmetatable({},{__mode="v"})
do local u=newproxy(true) getmetatable(u).__gc=function(o) print("fin",wk[o],wv[1]) end wk[u]="key" wv[1]=u end collectgarbage() print(keys(wk),keys(wv)) collectgarbage() print(keys(wk),keys(wv))
print(collectgarbage("setstepmul",300), collectgarbage("setstepmul",200), collectgarbage("setstepmul"), collectgarbage("setstepmul",200))
