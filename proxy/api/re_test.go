package api

import "testing"

// TestRe has what the differential cases can't: errors, which differ between PCRE's versions, and what is bounded here.
func TestRe(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.say(select(2, ngx.re.match("a", "(")))`, want: `pcre2_compile() failed: missing closing parenthesis in "("`},
		{code: `ngx.say(select("#", ngx.re.find("a", "[b-a]")), select(3, ngx.re.find("a", "[b-a]")))`,
			want: `3pcre2_compile() failed: range out of order in character class in "[b-a]" at "a]"`},
		{code: `ngx.say(ngx.re.gmatch("a", "("))`, want: `nilpcre2_compile() failed: missing closing parenthesis in "("`},
		{code: `ngx.say(ngx.re.sub("a", "(", "b"))`, want: `nilnilpcre2_compile() failed: missing closing parenthesis in "("`},
		{code: `ngx.say(ngx.re.gsub("a", "(", function() end))`, want: `nilnilpcre2_compile() failed: missing closing parenthesis in "("`},
		{code: `ngx.say(require("ngx.re").split("a", "("))`, want: `nilpcre2_compile() failed: missing closing parenthesis in "("`},
		{code: `ngx.say(ngx.re.match("abc", "a", "", { pos = 5 }))`, want: "nilpcre_exec() failed: -33"},
		{code: `ngx.say(ngx.re.find("abc", "a", "", { pos = 5 }))`, want: "nilnilpcre_exec() failed: -33"},
		{code: `ngx.say(ngx.re.match("a\255", "a", "u"))`, want: "nilpcre_exec() failed: -23"},
		{code: `ngx.say(ngx.re.match("a\255", "a.", "U")[0] == "a\255")`, want: "true"},
		{code: `ngx.say(pcall(ngx.re.match, "a", "a", "oHm"))`, want: `falseunknown flag "H" (flags "oHm")`},
		{code: `ngx.say(pcall(ngx.re.match, "a"))`, want: `falsebad argument #2 to '?' (string expected, got no value)`},
		{code: `ngx.say(pcall(ngx.re.match, "a", {}))`, want: `falsebad argument #2 to '?' (string expected, got table)`},
		{code: `ngx.say(ngx.re.sub("a", "a", "${0"))`, want: "nilnilfailed to compile the replacement template", log: `the closing bracket in "0" variable is missing`},
		{code: `ngx.say(ngx.re.sub("a", "a", "$"))`, want: "nilnilfailed to compile the replacement template", log: `lua script: invalid capturing variable name found in "$"`},
		{code: `ngx.say(ngx.re.sub("a", "a", "x$y"))`, want: "nilnilfailed to compile the replacement template",
			log: `attempt to use named capturing variable "y" (named captures not supported yet)`},
		{code: `ngx.say(ngx.re.gsub("hello", "l", function() return nil end))`, want: "henilnilo2"},
		{code: `ngx.say(ngx.re.gsub("h\195\169llo", "", "-", "u"))`, want: "-h-\u00e9-l-l-o-6"},
		{code: `ngx.say(ngx.re.gsub("ab", "[ab]", function(m) ngx.sleep(0.001) return "<" .. m[0] .. ">" end))`, want: "<a><b>2"}, // it may wait
		{code: `local c = setmetatable({}, { __index = function(_, k) for i = 1, 2000 do ngx.re.find("x", i .. "y") end return 2 end,
			__newindex = function(t, k, v) ngx.re.find("zzz", "zz") rawset(t, k, v) end })
			ngx.say(ngx.re.find("xax", "(a)", "", c, 1)) ngx.say(rawget(c, "pos"))`, want: "22\n3"},
		// Limits.
		{code: `ngx.say(ngx.re.match(("a"):rep(50) .. "b", "^(a+)+$"))`, want: "nilpcre_exec() failed: -47"},
		{code: `ngx.say(ngx.re.match(("a"):rep(1000000), "\\w+\\s"))`, want: "nilpcre_exec() failed: -47"},
		{code: `local n = 0 while true do n = n + 1 if n > 1e6 then break end ngx.re.match(("a"):rep(1000000), "\\w+\\s") end`, want: "*", status: 500, log: "Lua CPU budget exceeded"},
		{code: `for i = 1, 3000 do assert(ngx.re.find("x" .. i, "^x" .. i .. "$", "jo")) end ngx.say(ngx.re.find("x1", "^x1$", "jo"))`, want: "12"},
	})
}

// TestReAllocates: matches, captures and replacements cost nothing on Go's heap.
func TestReAllocates(t *testing.T) {
	const config = `
error_log error.log;
events {}
http {
    access_log off;
    server {
        listen 127.0.0.1:@PORT@;
        location / { content_by_lua_block {
            local s = "hello 123"
            ngx.say(ngx.re.find(s, "([0-9]+)", "jo"), ngx.re.match(s, "(?<word>[a-z]+) ([0-9]+)", "jo").word, ngx.re.gsub(s, "[0-9]", "<$0>", "jo"))
        } }
    }
}`
	if n := allocsOf(t, config, "/"); n > 0.05 {
		t.Errorf("%v allocations a request", n)
	}
}
