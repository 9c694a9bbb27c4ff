package difftest

// madeCases: what becomes of a response that Lua makes, by the request's preconditions and the location's settings.
func madeCases() []testCase {
	const dated = `ngx.header.last_modified = "Thu, 10 May 2012 07:50:59 GMT" ngx.header.etag = '"x"' ngx.header.content_length = 6
		local ok, err = ngx.say("hello") ngx.log(ngx.ERR, "marker-made ", ok, err)`
	return []testCase{
		post("Lua's response is not modified", "/eval", dated, 304, "", "If-Modified-Since: Thu, 10 May 2012 07:50:59 GMT"),
		post("Lua's response is modified since", "/eval", dated, 200, "hello", "If-Modified-Since: Thu, 10 May 2012 07:50:58 GMT"),
		post("Lua's response has the tag", "/eval", dated, 304, "", `If-None-Match: "y", W/"x"`),
		post("Lua's response has another tag", "/eval", dated, 200, "", `If-None-Match: "y"`, "If-Modified-Since: Thu, 10 May 2012 07:50:59 GMT"),
		post("Lua's response fails a precondition", "/eval", dated, 412, "412 Precondition Failed", "If-Unmodified-Since: Thu, 10 May 2012 07:50:47 GMT").logged("marker-made"),
		post("Lua's response fails If-Match", "/eval", dated, 412, "412", `If-Match: "y"`),
		post("Lua's response without a date", "/eval", `ngx.say("hello")`, 200, "hello", "If-Modified-Since: Thu, 10 May 2012 07:50:59 GMT"),
		post("Lua's response without a date fails", "/eval", `ngx.say("hello")`, 412, "412", "If-Unmodified-Since: Thu, 10 May 2012 07:50:47 GMT"),
		post("preconditions don't ask about other statuses", "/eval", `ngx.status = 404 `+dated, 404, "hello", "If-Modified-Since: Thu, 10 May 2012 07:50:59 GMT"),
		get("no default type", "/notype/", 200, "hello"),
		get("the default type again", "/notype/on", 200, "text/x"),
		get("a 304 without type", "/notype/304", 304, ""),
		get("underscores stay", "/underscores/", 200, "12"),
		{name: "HTTP/1.0 without buffering", send: []string{"GET /http10/ HTTP/1.0\r\nHost: first.test\r\n\r\n"}, want: w(200), has: "ab"},
		eval("a file is the body", `
			local r, www = ngx.req, ngx.var.document_root
			ngx.say(pcall(r.set_body_file, www .. "/index.html")) ngx.say(r.get_body_data(), r.get_body_file() == www .. "/index.html", ngx.var.request_body,
				ngx.var.http_content_length, ngx.var.request_body_file == www .. "/index.html")
			r.set_body_data("x") ngx.say(r.get_body_data(), r.get_body_file())
			ngx.say(pcall(r.set_body_file)) ngx.say(pcall(r.set_body_file, {})) ngx.say(pcall(r.set_body_file, "a", 1)) ngx.say(pcall(r.set_body_file, "/nowhere/a"))`, "niltrue"),
		eval("a body made in a file", `
			local r = ngx.req
			r.init_body() r.append_body(("x"):rep(65000)) r.finish_body() ngx.say(#(r.get_body_data() or ""), " ", r.get_body_file() ~= nil)
			for _, size in ipairs { 6, 5, 4, 0 } do
				r.init_body(size) r.append_body("he") r.append_body("llo") r.finish_body()
				local name = r.get_body_file() ngx.say(size, r.get_body_data(), name and io.open(name):read("*a"), ngx.var.http_content_length)
			end`, "4nilhello5"),
		eval("all values of two headers", `
			ngx.header.cache_control = { "private", "no-store" } ngx.header.link = { "a", "b" } ngx.header.x_y = { "a", "b" }
			ngx.say(ngx.var.sent_http_cache_control, "|", ngx.var.sent_http_link, "|", ngx.var.sent_http_x_y)`, "private, no-store|a, b|a"),
		eval("$query_string is fixed", `ngx.say(pcall(function() ngx.var.query_string = "x" end)) ngx.var.args = "y=1" ngx.say(ngx.var.query_string)`, "not changeable"),
		eval("groups that can't be had", `ngx.say(ngx.var[0], ngx.var[-1])`, "nilnil"),
	}
}
