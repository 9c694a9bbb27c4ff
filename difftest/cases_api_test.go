package difftest

// eval is a case whose script runs on both servers.
func eval(name, script, has string, headers ...string) testCase {
	return post(name, "/eval", script, 200, has, headers...)
}

// showHeaders is a script's beginning: a function that prints the request headers, without what the test's client sends.
const showHeaders = `
local function show()
	local t = {}
	for k, v in pairs(ngx.req.get_headers(0, true)) do
		t[#t + 1] = k .. "=" .. (type(v) == "table" and table.concat(v, ",") or tostring(v))
	end
	table.sort(t)
	ngx.say(table.concat(t, " "))
end
local set, clear = ngx.req.set_header, ngx.req.clear_header
`

// setterCases: what scripts change of the request.
func setterCases() []testCase {
	return []testCase{
		eval("request headers are set", showHeaders+`
			show()
			set("x-A", "3") show() ngx.say(ngx.var.http_x_a)
			set("X-A", {"4", 5, true}) show() ngx.say(ngx.var.http_x_a)
			set("X-A", {}) show()
			set("X-C", {"", "y", ""}) show()
			set("X-C", "") show()
			set("X_D", "u") show() ngx.say(ngx.var.http_x_d)
			set("n", 1.5) set("b", false) show()`, "X-A=4,5,true", "X-A: 1", "x-a: 2", "X-B: b"),
		eval("request headers are cleared", showHeaders+`clear("x-b") show() clear("X-None") clear("X-A") show() ngx.say(ngx.var.http_x_a, ngx.req.get_headers().x_a)`,
			"X-A=1", "X-A: 1", "X-B: b", "x-b: c"),
		eval("bytes that can't be in a request header", showHeaders+`set("X-b\r\nq:", "a\r\nb: \0 z\1\t\127\200") show()`, "%0D%0A"),
		eval("Host is set", showHeaders+`
			set("Host", "Foo.COM:80") ngx.say(ngx.var.host, " ", ngx.var.http_host)
			ngx.say((pcall(set, "Host", "a/b"))) ngx.say(ngx.var.host, " ", ngx.var.http_host)
			clear("Host") ngx.say("[", ngx.var.host, "] ", ngx.var.http_host) show()`, "foo.com Foo.COM:80"),
		eval("wrong arguments to set_header", showHeaders+`ngx.say(pcall(set)) ngx.say(pcall(set, nil, 1)) ngx.say(pcall(set, "X")) ngx.say((pcall(set, "Content-Length", "x")))`, "false"),
		eval("headers with variables of their own", showHeaders+`
			set("User-Agent", "zz") ngx.say(ngx.var.http_user_agent)
			set("Cookie", {"a=1", "b=2"}) ngx.say(ngx.var.http_cookie, ngx.var.cookie_b)
			set("Content-Type", "a/b") ngx.say(ngx.var.content_type, ngx.var.http_content_type)
			set("X-Forwarded-For", {"1", "2"}) ngx.say(ngx.var.http_x_forwarded_for)
			set("Referer", "r") ngx.say(ngx.var.http_referer)`, "a=1; b=2", "User-Agent: old"),
		eval("the method is set", `
			local m = ngx.req.set_method
			for _, n in ipairs { "PUT", "PATCH", "TRACE", "LOCK", "MKCOL", "OPTIONS", "GET" } do
				m(ngx["HTTP_" .. n]) ngx.say(ngx.req.get_method(), " ", ngx.var.request)
			end
			ngx.say(ngx.var.request_method)
			for _, v in ipairs { 0, 1, 3, 99, 65536, -2 } do ngx.say(pcall(m, v)) end
			ngx.say(pcall(m)) ngx.say(pcall(m, "GET")) ngx.say(pcall(m, 2.5)) ngx.say(ngx.req.get_method())`, "unsupported HTTP method: 99"),
		eval("the body is set", `
			local r = ngx.req
			ngx.say(pcall(r.set_body_data)) ngx.say(pcall(r.set_body_data, {}))
			r.set_body_data("hello") ngx.say(r.get_body_data(), " ", ngx.var.request_body, " ", r.get_headers().content_length)
			r.set_body_data("a=1&b=2&b") local a = r.get_post_args() ngx.say(a.a, #a.b)
			r.set_body_data("") ngx.say(r.get_body_data(), " ", r.get_headers().content_length)
			r.set_body_data(12) ngx.say(r.get_body_data())`, "hello hello 5"),
		eval("a body is built", `
			local r = ngx.req
			ngx.say(pcall(r.append_body, "x")) ngx.say(pcall(r.init_body, "x")) ngx.say(pcall(r.init_body, -1)) ngx.say(pcall(r.init_body, 1, 2))
			ngx.say(pcall(r.append_body)) ngx.say(pcall(r.finish_body, 1))
			r.init_body(1024) ngx.say(r.get_body_data())
			r.append_body("abc") r.append_body(12) r.append_body("") ngx.say(r.get_body_data())
			r.finish_body() ngx.say(r.get_body_data(), " ", ngx.var.request_body, " ", r.get_headers().content_length)
			r.init_body() r.finish_body() ngx.say(r.get_body_data())`, "abc12 abc12 5"),
		{name: "the body of a chunked request is set", send: []string{request("POST /eval", "Transfer-Encoding: chunked") +
			"3e\r\nngx.req.set_body_data('new') ngx.say(ngx.req.get_body_data()) \r\n0\r\n\r\n"}, want: w(200), has: "new"},
		get("a body that was not asked for can't be set", "/unread", 200, "request body not read yet\nrequest_body not initialized"),
		post("a body that was not read can't be set", "/unread", "x", 200, "request body not read yet\nrequest_body not initialized"),
		post("what the access phase has set", "/eval_access", `ngx.req.set_header("X-A", "set") ngx.req.set_method(ngx.HTTP_PUT) ngx.req.set_body_data("b")`, 200, "set PUT b"),
		get("a range that a script asks for", "/edit/index.html?range=bytes=0-3", 206, ""),
		get("a range that a script has removed", "/edit/index.html?clear=range", 200, "", "Range: bytes=0-3"),
		get("a condition that a script sets", "/edit/index.html?since=Thu,+29+Feb+2024+12:34:56+GMT", 304, ""),
		get("a condition that a script has removed", "/edit/index.html?clear=if-modified-since", 200, "", "If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT"),
		{name: "a method that a script sets", send: []string{request("GET /edit/index.html?method=HEAD")}, want: []want{head(200)}},
		{name: "a method that static files don't take", send: []string{request("GET /edit/index.html?method=PUT")}, want: w(405)},
	}
}

// moreCases: the directives of headers-more.
func moreCases() []testCase {
	return []testCase{
		get("more_set_headers", "/more/set?x=5", 200, "X-A: 5"),
		get("more_set_headers with an empty value", "/more/set", 200, "X-Outer: o"),
		get("more_set_headers for a status", "/more/status", 200, ""),
		get("more_set_headers on an error page", "/more/error", 404, "X-E: e"),
		get("more_set_input_headers", "/more/input?x=1", 200, "q1 r  foo.com   .", "X-R: 1", "X-C1: c", "x-c2: d", "User-Agent: u"),
		get("more_set_headers around Lua", "/more/lua", 200, "X-F: m"),
		get("more_set_headers with return", "/more/return", 200, "X-R: r"),
		get("more_set_headers with a file", "/more/static", 200, "X-S: s"),
		get("more_clear_headers with a redirect", "/more/redirect", 302, ""),
	}
}
