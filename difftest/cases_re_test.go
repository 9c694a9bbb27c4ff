package difftest

// reCases: ngx.re, but for what PCRE's first version, which the peer may have, numbers and words otherwise than its second.
func reCases() []testCase {
	const prelude = `
		local function show(...)
			local t = {}
			for i = 1, select("#", ...) do
				local v = select(i, ...)
				if type(v) == "table" then
					local o = {}
					for k, x in pairs(v) do
						o[#o + 1] = tostring(k) .. "=" .. (type(x) == "table" and "{" .. table.concat(x, ",") .. "}" or tostring(x))
					end
					table.sort(o)
					v = "{" .. table.concat(o, " ") .. "}"
				end
				t[i] = tostring(v)
			end
			ngx.say(table.concat(t, " | "))
		end
		local c
		local m, f, s, g = ngx.re.match, ngx.re.find, ngx.re.sub, ngx.re.gsub
		local split = require("ngx.re").split
	`
	return []testCase{
		eval("ngx.re.match and find", prelude+`
			show(m("hello, 1234","[0-9]+"))
			show(m("hello, 1234","([0-9])(?<rest>[0-9]+)"))
			show(m("hello, world","(world)|(hello)|(?<named>howdy)"))
			show(m("hello, world","(?<n>\\w+), (?<n>\\w+)","D"))
			show(m("abc","x"))
			show(f("hello, 1234","([0-9]+)"))
			show(f("hello, 1234","([0-9])([0-9]+)","jo",nil,2))
			show(f("a","(a)|(b)","",nil,2))
			show(f("a","a","",nil,3))
			c={pos=0} show(f("1234","2","",c))
			show(c) c={pos=5} show(f("1234","$","",c))
			show(c)
			c={} show(m("1234","x","",c))
			show(c)
			show(m("hello, 美好生活","HELLO, (.{2})","iu"))
			show(m("hello","HEL LO","ix"))
			show(m(1234,"3"))
			show(m(nil,"n.l"))
			show(m(true,"t"))
			show(m("abcd","(a)(b)?(x)?","",nil,{}))
			show(m("foobar","foo\\Kbar"))
			show(m("aaa","a|aa|aaa","d"))
			show(m("abc","(a)b","d"))
			show(m("ab","(?<=a)b"))
			show(m("x","\\p{L}","u"))`, "1234"),
		eval("ngx.re.sub and gsub", prelude+`
			show(s("hello, 1234","([0-9])[0-9]","[$0][$1]"))
			show(g("hello, world","([a-z])[a-z]+","[$0,$1]","i"))
			show(s("a","a","$$"))
			show(s("a","a","${0}0"))
			show(s("a","a","$x"))
			show(s("a","a","${0"))
			show(s("a","a","$"))
			show(s("b","a","x"))
			show(g("abc","","-"))
			show(g("abc","x*","-"))
			show(g("","","-"))
			show(g("aaa","a","b","a"))
			show(s("a","a",1))
			show(s(12,"1","x"))
			show(s("a","a","$3x"))
			show(s("a","a","${1}"))
			show(s("a","a","$01"))
			show(s("hello, 1234","( [0-9] ) [0-9]",function(m) return "["..m[0].."]["..m[1].."]" end,"x"))
			show(g("abc","b?",function(m) return "<"..m[0]..">" end))
			show(g("a b","\\w",function(m) return "5" end))`, "[12][1]34"),
		eval("ngx.re.gmatch", prelude+`
			for _, p in ipairs { "\\w+", "l*", "x", "" } do
				local it, o = ngx.re.gmatch("hello, world", p, "i"), {}
				for m, err in it do o[#o + 1] = m[0] show(err) end
				show(o, it())
			end`, "hello"),
		eval("ngx.re's split", prelude+`
			show(split("a,b,c,d",","))
			show(split("a,b,,",","))
			show(split(",a,b",","))
			show(split("abcd",""))
			show(split("a1b2c","(\\d)"))
			show(split("a,b,c,d",",",nil,nil,2))
			show(split("abc","x"))
			show(split("",","))
			show(split("a,b,c",",",nil,{pos=3}))
			show(split("abcd","b?"))
			show(split("  a b  ","\\s+"))
			show(split("a,b",",",nil,nil,nil,{1,2,3,4,5}))
			show(split("123,456,789", ",", nil,{pos=5},2))
			show(split("aXbXc","x","i"))
			show(split("abc","",nil,nil,2))
			show(split(123,"2"))`, "1=a 2=b 3=c 4=d"),
	}
}
