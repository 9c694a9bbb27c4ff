-- string.format: verbs by values; tostring and tonumber in their corners.
local function f(...) print(pcall(string.format,...)) end
for _,v in ipairs{0,1,-1,1.5,-0.0,255,1e15,2^53,1e100,1/0,-1/0,0/0,"10","0x10",0.1,123456789.125,5e-324,1e-5} do
 for _,s in ipairs{"%d","%i","%u","%x","%X","%o","%c","%e","%E","%f","%g","%G","%a","%A","%s","%q","%5d","%-5d|","%05d","%+d","% d","%.3d","%8.3d","%#x","%#o","%.0f","%#.0f","%.3g","%10.2e","%-10.2f|","%+.1a","%.0a","%20a","%5s","%-5s|","%.2s","%5.1s","%99d","%.99f"} do
  if not (s=="%c" and (v=="0x10")) then print(v,s,pcall(string.format,s,v)) end
 end
end
f("%") f("%d") f("%y",1) f("%100d",1) f("%.100f",1) f("%5") f("%--d",1) f("%+-0 #5.3d",1) f("%s") f("%s",nil) f("%s",true) f("%s",setmetatable({},{__tostring=function() return "X" end})) f("%q","a\0b\n\r\"\\\1272\1\200") f("%q",1) f("%q",nil) f("%d","x") f("%d",nil) f("%c%c",65,0) f("%5c|%-5c|",65,66) f("%%%d",1) f("%s %s",1,2,3) f("%ld",1) f("%p",nil) f("%p",1) f("%F",1.5) f("%.f",2.5) f("%.0s","abc") f("%.20s","abc") f("%-+5d|",3) f("%s",("x"):rep(300)) f("%.3q","abcdef") f("%20q","ab") f("%i",3.99) f("%x",-1) f("%x",2^64) f("%d",2^63) f("%d",-2^63) f("%u",-1) f("%d",1e20) f(1) f() f({}) f(nil)
f("%5%") f("% %") f("%s%s%s","a","b") f("%10.4s|","abcdefgh") f("%-10.4s|","abcdefgh") f("%010s|","ab") f("%+s","a") f("%#s","a")
print(tostring(0/0),tostring(-(0/0)),0/0,-(0/0),tostring(1e15),1e14,123456789012345,1e16,-0,0,-0.0,2^63,2^53+1,1e-7,1.5e300,100000000000000,0.1+0.2,1/3,-1/3,1e5,12345.678e-3)
for _,s in ipairs{"1","0x1p4","0x.8","0x","0x1p","1e","1e+","1e5","  5  ","5 5","","-","0x-1","-0x10","+5","1_000","inf","nan","Inf","infinity","0b101","0B11","1.","  .5",".","1..2","0x1.8p1","1e400","1e-400","0x1p2000","\t7\n","7\0","1LL","1i","0xffffffffffffffffff","00012","1e0005","0x1P-3","12e","-.5e-2","--5","1f","0xg","9007199254740993","0x.p1","1E5"} do print(("%q"):format(s),tonumber(s),tonumber(s,10),pcall(function() return s+0 end)) end
for _,a in ipairs{{"10",2},{"z",36},{"ff",16},{"0xff",16},{"8",8},{"-ff",16},{" 11 ",2},{"",10},{"1.5",10},{"1e1",16},{"zz",35},{"7",1},{"7",37},{10,16},{nil,10},{"1",nil},{"99999999999999999999",16},{"-1",2},{"+1",2},{"1 1",2},{"0x",16},{"1",2.5},{"1","2"}} do print(pcall(tonumber,a[1],a[2])) end
print(pcall(tonumber)) print(tonumber({}),tonumber(nil),tonumber(true),tonumber(print))
