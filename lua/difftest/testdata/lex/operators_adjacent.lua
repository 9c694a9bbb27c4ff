-- Tokens without white space between them.
local a,b=3,4
print(a+b,a-b,a*b,a/b,a%b,a^b,a..b,a==b,a~=b,a<b,a>b,a<=b,a>=b,-a,#"ab",not a)
local t={[1]=2,["x"]=3;y=4,5}
print(t[1],t.x,t.y,#t)
print(- -a, - - -a, not not a, -a^2, 2^-1)
for i=1,2 do io.write(i,';')end print()
