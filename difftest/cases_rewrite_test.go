package difftest

import "strings"

// to gives the requests of a case another Host.
func (c testCase) to(host string) testCase {
	for i := range c.send {
		c.send[i] = strings.Replace(c.send[i], "Host: first.test", "Host: "+host, -1)
	}
	return c
}

// locationCases: how a location is chosen when there are patterns.
func locationCases() []testCase {
	var all []testCase
	for _, t := range []struct {
		path, has string
		status    int
	}{
		{"/re/x", "prefix re", 200},
		{"/re/x.php", "php /re/x.php", 200},
		{"/re/no/x.php", "no regex", 200},
		{"/re/exact.php", "exact", 200},
		{"/x.GIF", "picture GIF", 200},
		{"/x.jpg", "picture jpg", 200},
		{"/x.PHP", "root /x.PHP", 200},
		{"/re/abc/12", "1=abc 2=12 3= 4=", 200},
		{"/re/abc/12x", "1=abc 2=12 3=x 4=", 200},
		{"/re/abc/12.php", "php", 200},
		{"/named/one/two", "one then two", 200},
		{"/named/%61/b", "a then b", 200},
		{"/luanamed/x%20y", "x y x y nil", 200},
		{"/nest/x", "outer", 200},
		{"/nest/in/x", "inner", 200},
		{"/nest/in/x.nest", "inner regex", 200},
		{"/nest/x.nest", "inner regex", 200},
		{"/nest/eq", "inner exact", 200},
		{"/nest/x.php", "php", 200},
		{"/nest/in/x.php", "php", 200},
		{"/nestno/x.php", "inner php", 200},
		{"/nestno/x.gif", "outer no", 200},
		{"/bomb/aaa", "no", 200},
		{"/internal", "404 Not Found", 404},
		{"/tointernal", "internal", 200},
		{"/aliased/page.html", "page", 200},
		{"/aliased/none", "404", 404},
	} {
		all = append(all, get("location of "+t.path, t.path, t.status, t.has).to("rewrite.test"))
	}
	return all
}

// rewriteCases: set, if, rewrite, break, return, map.
func rewriteCases() []testCase {
	var all []testCase
	for _, t := range []struct {
		path   string
		status int
		has    string
	}{
		{"/any?stop=1", 403, "stopped 1"},
		{"/any?stop=0", 200, "root"},
		{"/srv/a?x=1", 200, "out /out/server/a?x=1 /srv/a?x=1 set by server"},
		{"/srvlast/a", 200, "out /out/last/a"},
		{"/srvbreak/a", 200, "out /out/break/a"},
		{"/srvredirect?q", 301, "/elsewhere?q"},
		{"/set?a=1", 200, "changed x1x1 x1x1c"},
		{"/setargs?old=1", 200, "new=1&old=1 1 ?"},
		{"/luaset", 200, "conf\nlua set by server\nnil"},
		{"/if", 200, "unequal nomatch"},
		{"/if?t=0", 200, ""},
		{"/if?t=1&e=abc", 200, "true"},
		{"/if?t=00&e=a%20b", 200, "true"},
		{"/if?r=abc-def", 200, "match def abc caseless"},
		{"/if?r=B", 200, ""},
		{"/if?f=index.html", 200, "file exists"},
		{"/if?f=dir", 200, "nofile dir exists exec"},
		{"/if?f=none", 200, "nofile missing"},
		{"/ifloc", 200, "content"},
		{"/ifloc?a=1", 201, "a"},
		{"/ifloc?t=1", 200, "content"},
		{"/ifloc?p=1", 200, "content"},
		{"/ifloc?b=1", 200, "content"},
		{"/ifcontent", 200, "outside"},
		{"/ifcontent?a=1", 200, "inside"},
		{"/teapot", 200, "no tea"},
		{"/rw/last/a?x=y", 200, "out /out/a?x=y"},
		{"/rw/last/a%20b%3fc?x=y", 200, "out /out/a b?c?x=y"},
		{"/rw/plain/a", 202, "went on with /out/a"},
		{"/rw/chain/a", 200, "out /out/a"},
		{"/rw/break/page.html", 200, "page"},
		{"/rw/args/v?x=y", 200, "out /out/x?p=v&h=rewrite.test&x=y"},
		{"/rw/args/v%20w?x=y", 200, "p=v%20w&h="},
		{"/rw/args/v+w", 200, "p=v%2Bw"},
		{"/rw/args/a=b&c", 200, "p=a=b&c&h"},
		{"/rw/drop/v?x=y", 200, "out /out/x?p=v "},
		{"/rw/dropall/v?x=y", 200, "out /out/v? "},
		{"/rw/redirect/a?x=y", 302, "/to/a?x=y"},
		{"/rw/redirect/a%20b%2Fc%3Fd", 302, "/to/a%20b"},
		{"/rw/redirect/%D0%B0", 302, "/to/%D0%B0"},
		{"/rw/permanent/a?x=y", 301, "/to/a?x=a&x=y"},
		{"/rw/nodrop/a?x=y", 301, "/to/a"},
		{"/rw/http/a?x=y", 302, "Location: http://other.test/a?x=y"},
		{"/rw/scheme/a", 302, "Location: http://other.test/a?k=v"},
		{"/rw/none/a", 200, "unmatched"},
		{"/rw/setafter/q%20r", 200, "/rw/setafter/q r q r /rw/x/q r"},
		{"/rw/if/a/b", 200, "out /out//"},
		{"/rw/if/a", 200, "out /out/third/a"},
		{"/rw/break2", 404, ""},
		{"/map?m=one", 200, "1|first|outside"},
		{"/map?m=ONE", 200, "1|first|outside"},
		{"/map?m=three", 200, "3|nested 3"},
		{"/map", 200, "none|nested none"},
		{"/map?m=re12", 200, "re 12|nested re 12"},
		{"/map?m=casexyz", 200, "caseless"},
		{"/map?m=named-tom", 200, "name tom"},
		{"/map?m=~tilde", 200, "tilde"},
		{"/map?m=else", 200, "other else"},
	} {
		all = append(all, get("rewrite "+t.path, t.path, t.status, t.has).to("rewrite.test"))
	}
	return append(all,
		get("set at server level, from a header", "/teapot", 418, "", "X-Teapot: yes").to("rewrite.test"),
		get("an uninitialized variable", "/uninit", 200, "[]").to("rewrite.test").logged(`using uninitialized "never_set" variable`),
		get("an uninitialized variable, no warning", "/uninitquiet", 200, "[]").to("rewrite.test"),
		get("a rewrite cycle", "/rw/cycle", 500, "").to("rewrite.test").logged("rewrite or internal redirection cycle while processing"),
		get("a rewrite to nothing", "/rw/empty", 500, "").to("rewrite.test").logged("the rewritten URI has a zero length"),
		get("rewrite_log", "/rw/last/logged", 200, "").to("rewrite.test").logged(`"/rw/last/logged"`),
		get("rewrite_log of the result", "/rw/args/logged", 200, "").to("rewrite.test").logged(`rewritten data: "/out/x"`),
		testCase{name: "a pipeline of rewrites", send: []string{request("GET /rw/last/1") + request("GET /set?a=2") + request("GET /re/a/1")},
			want: w(200, 200, 200)}.to("rewrite.test"),
	)
}

// redirectCases: error_page, try_files, named locations, internal redirects.
func redirectCases() []testCase {
	var all []testCase
	for _, t := range []struct {
		path   string
		status int
		has    string
	}{
		{"/none", 404, "page of 404: /404.html /none"},
		{"/404.html", 404, "page of 404"},
		{"/code/404", 404, "page of 404"},
		{"/code/410", 200, "gone: GET /gone"},
		{"/code/418", 200, "tea for /code/418"},
		{"/code/503", 503, "5xx code="},
		{"/code/405", 301, "Location: http://other.test/405"},
		{"/code/402", 302, "Location: http://other.test/402"},
		{"/code/409", 410, "fallback for /code/409 true"},
		{"/code/403", 403, "403 Forbidden"},
		{"/code/text", 404, "own text"},
		{"/lua/404", 404, "page of 404"},
		{"/lua/409", 410, "fallback"},
		{"/lua/500", 500, "page of 404"},
		{"/lua/header", 404, "X-Kept: kept"},
		{"/lua/exec", 200, "fallback for /lua/exec true"},
		{"/lua/execpath", 404, "page of 404: /404.html /lua/execpath"},
		{"/own/x", 404, "404 Not Found"},
		{"/recursive/x", 200, "gone"},
		{"/file404", 404, "page"},
		{"/try/page.html", 200, "page"},
		{"/try/none", 200, "fallback for /static/none true"},
		{"/try/numbers", 200, "400"},
		{"/tryuri/a", 200, "gone: GET /gone"},
		{"/trycode/a", 404, "page of 404"},
		{"/trycode2/a", 403, "403 Forbidden"},
		{"/trydir/x", 200, "gone"},
		{"/dir/", 200, "<p>dir</p>"},
		{"/dir/none", 200, "gone"},
		{"/tryalias/page.html", 200, "page"},
		{"/tryalias/none", 200, "gone"},
		{"/trylast/x?to=/gone", 200, "gone"},
		{"/tryre/page.html", 200, "page"},
		{"/tryre/none", 200, "fallback for /tryre/none"},
		{"/tostatic", 200, "page"},
		{"/withargs", 200, "gone"},
	} {
		all = append(all, get("redirect "+t.path, t.path, t.status, t.has).to("redirect.test"))
	}
	return append(all,
		get("an error_page cycle", "/loop", 500, "").to("redirect.test").logged("rewrite or internal redirection cycle while internally redirecting"),
		get("a named location that isn't there", "/noname", 500, "").to("redirect.test").logged("could not find named location"),
		post("error_page makes a POST a GET", "/code/410", "body", 200, "gone: GET").to("redirect.test"),
		testCase{name: "error_page leaves HEAD alone", send: []string{request("HEAD /code/404")}, want: []want{head(404)}}.to("redirect.test"),
		testCase{name: "HEAD through a named location", send: []string{request("HEAD /code/418")}, want: []want{head(200)}}.to("redirect.test"),
		post("a body larger than allowed, with an error_page", "/code/403", strings.Repeat("x", 70000), 413, "").to("redirect.test"),
	)
}

// hostCases: servers named by asterisks and patterns.
func hostCases() []testCase {
	var all []testCase
	for host, has := range map[string]string{
		"a.star.test":       "star *.star.test a.star.test",
		"A.b.STAR.test":     "star *.star.test a.b.star.test",
		"star.test":         "",
		"a.long.star.test":  "long star",
		"exact.star.test":   "long star",
		"dot.test":          "dot dot.test",
		"a.b.dot.test":      "dot",
		"tail.org":          "tail",
		"tail.a.b":          "tail",
		"tail":              "",
		"tail.more.x":       "tail",
		"joe.eu.users.test": "user joe of eu",
		"Joe.eu.users.test": "user joe of eu",
		"j1.eu.users.test":  "capitals",
		".users.test":       "",
	} {
		c := get("host "+host, "/probe", 200, has)
		all = append(all, c.to(host))
	}
	return all
}
