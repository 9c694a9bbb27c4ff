package difftest

// phaseCases: access, content and log, ngx.exit in each, ngx.ctx, ngx.sleep, what Lua sees of its surroundings.
func phaseCases() []testCase {
	return []testCase{
		get("phases share ngx.ctx and init has run", "/phase/names", 200, "access content made in init 42").logged("marker-names"),
		get("ngx.ctx replaced as a whole", "/phase/ctx", 200, "11 true"),
		get("access denied by exit", "/phase/deny", 403, "403 Forbidden"),
		get("access denied with a page of one's own", "/phase/deny_custom", 401, "who are you?"),
		get("access granted by exit(ngx.OK)", "/phase/ok", 200, "let in"),
		get("access declined", "/phase/declined", 200, "let in too"),
		get("access ended with 200", "/phase/access_200", 200, ""),
		{name: "access ended with ngx.ERROR closes without a word", send: []string{request("GET /phase/access_error")}},
		get("access that throws", "/phase/access_throws", 500, "500 Internal").logged("access_by_lua"),
		get("access passes to the static handler, which finds nothing", "/phase/access_static", 404, "X-Access: passed"),
		get("a gate in a file, shut", "/gate/treasure.txt", 403, "X-Gate: shut"),
		get("a gate in a file, open", "/gate/treasure.txt", 200, "the treasure", "X-Word: sesame"),
		get("exit(200) after output", "/exit/200", 200, "before"),
		get("exit(ngx.OK) after output", "/exit/ok", 200, "before"),
		get("exit(ngx.OK) without output", "/exit/ok_silent", 200, ""),
		get("exit(200) without output", "/exit/200_silent", 200, ""),
		get("exit(204)", "/exit/204", 204, ""),
		get("exit(404) in content", "/exit/404", 404, "404 Not Found"),
		get("exit(500) in content", "/exit/500", 500, "500 Internal"),
		get("exit with the status set before", "/exit/503_status", 503, "busy"),
		get("exit(200) with another status set before", "/exit/410_status", 410, "gone for good"),
		{name: "exit(ngx.ERROR) without output closes without a word", send: []string{request("GET /exit/error")}},
		{name: "exit(ngx.ERROR) after a little output drops that", send: []string{request("GET /exit/error_late")}},
		get("exit inside pcall", "/exit/in_pcall", 403, ""),
		get("exit inside a function", "/exit/in_function", 404, ""),
		get("exit inside a coroutine", "/exit/in_coroutine", 409, ""),
		get("exit with a redirect", "/exit/redirect", 302, ""),

		get("messages at every level", "/log/levels", 200, "logged").logged("marker-levels"),
		get("a log phase in a file", "/log/phase", 200, "x").logged("marker-file"),
		get("the log phase runs for a denied request", "/log/denied", 403, "").logged("marker-denied"),
		get("a log phase that throws", "/log/throws", 200, "fine").logged("marker-log-throws"),
		get("no sleep in the log phase", "/log/sleeps", 200, "fine").logged("marker-log-sleeps"),

		get("constants", "/api/constants", 200, "HTTP_OK=200"),
		get("ngx.now", "/api/now", 200, "number true true true true"),
		get("globals outlive a request", "/api/globals", 200, "1 1 table"),
		get("globals outlive a request, the next one", "/api/globals?again", 200, "2 2 table"),
		get("modules are loaded once, errors in them are told", "/api/module", 200, "42 true true"),

		get("a sleep takes its time", "/sleep/plain", 200, "slept"),
		get("sleep inside pcall and xpcall", "/sleep/pcall", 200, "truearg"),
		get("sleep inside an iterator", "/sleep/iterator", 200, "1 2 3 4 5 done"),
		get("sleep inside coroutines", "/sleep/coroutine", 200, "2 42"),
		get("sleep in the access phase", "/sleep/access", 200, "true"),
		get("sleep with odd arguments", "/sleep/args", 200, "bad argument"),
		{name: "a pipelined request waits for one that sleeps", send: []string{request("GET /sleep/plain") + request("GET /out/hello")}, want: w(200, 200), has: "hello"},
	}
}

// errorCases: Lua errors, their texts and what is logged.
func errorCases() []testCase {
	return []testCase{
		get("an index of nil", "/error/runtime", 500, "500 Internal").logged("attempt to index field 'a'"),
		get("error with a string", "/error/string", 500, "").logged("marker-string"),
		get("error at level 0", "/error/level0", 500, "").logged("marker-level0"),
		get("error with a table", "/error/table", 500, "").logged("request: \"GET /error/table "),
		get("error with nil", "/error/nil", 500, "").logged("request: \"GET /error/nil "),
		get("error with __tostring", "/error/tostring", 500, "").logged("request: \"GET /error/tostring "),
		testCase{name: "an error after a little output drops that", send: []string{request("GET /error/late")}}.logged("marker-late"),
		get("a syntax error in a file", "/error/syntax", 500, ""),
		get("a handler's file that isn't there", "/error/missing", 404, ""),
		get("an error some calls deep, with its traceback", "/error/nested", 500, "").logged("attempt to perform arithmetic"),
		get("error texts", "/error/texts", 200, "attempt to index field 'x' (a nil value)"),
	}
}
