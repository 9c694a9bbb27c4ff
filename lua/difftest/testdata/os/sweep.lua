-- os: every conversion of date, the fields of time, and what is refused.
local t=1234567890
for c in ("aAbBcCdDeFgGhHIjklmMnOpPrRsStTuUVwWxXyYzZ%EPQfvJKLNiqo+"):gmatch"." do print(c, pcall(os.date,"!%"..c,t)) end
print(os.date("!%Ey %Od %-d %_d %5Y %^a %#b",t)) print(pcall(os.date,"!%")) print(os.date("!",t)=="" , os.date("!abc",t), os.date("",t))
for _,x in ipairs{0,-1,1e9,2^31,2^32,-2^31,1e10,253402300800} do print(x,os.date("!%c",x)) end
local d=os.date("!*t",t) local ks={} for k,v in pairs(d) do ks[#ks+1]=k.."="..tostring(v) end table.sort(ks) print(table.concat(ks," "))
local d=os.date("*t",t) print(d.isdst,d.hour)
print(os.time{year=2009,month=2,day=13,hour=23,min=31,sec=30}) print(os.time{year=2009,month=14,day=-3}) print(os.time{year=2009,month=2,day=13})
print(pcall(os.time,{})) print(pcall(os.time,{year=2000})) print(pcall(os.time,{year=2000,month=1})) print(pcall(os.time,{year="x",month=1,day=1})) print(os.time{year="2000",month="1",day="1"}) print(pcall(os.time,1)) print(os.time{year=2000,month=1,day=1,isdst=true})
print(os.time{year=2000.7,month=1.9,day=1.2}) print(os.time{year=1900,month=1,day=1}) print(os.time{year=1969,month=12,day=31,hour=23,min=59,sec=59})
print(pcall(os.date,"%c","x")) print(pcall(os.date,{})) print(pcall(os.date,"!%c",1/0)) print(pcall(os.date,"!%c",0/0)) print(pcall(os.date, "!%c", 1e300)) print(os.date("!%H:%M:%S", 3.9))
print(os.difftime(5,3),pcall(os.difftime,1)) print(os.difftime(5)) print(pcall(os.difftime)) print(type(os.clock()),type(os.time()))
print(os.getenv("NOPE"), type(os.getenv"PATH"), pcall(os.getenv)) print(os.setlocale(), os.setlocale("C"), os.setlocale(nil,"all"), os.setlocale("xx")) print(pcall(os.setlocale,"C","bad")) print(os.setlocale("C","collate"),os.setlocale("","time")~=nil)
print(os.rename("/nonexistent/a","/nonexistent/b")) print(os.remove("/nonexistent/a"))
