package difftest

// declinedCases: ngx.exit(ngx.DECLINED), and what a body filter returns.
func declinedCases() []testCase {
	closed := func(name, path string) testCase {
		return testCase{name: name, send: []string{request("GET " + path)}}
	}
	return []testCase{
		// nginx leaves the client waiting, but for this header.
		{name: "exit(ngx.DECLINED) at once", send: []string{request("GET /decl/at_once", "Connection: close")}},
		get("exit(ngx.DECLINED) after a sleep", "/decl/waited", 404, ""),
		{name: "exit(ngx.DECLINED) after a yield", send: []string{request("GET /decl/yielded", "Connection: close")}},
		get("exit(ngx.DECLINED) after a sleep, where there is a file", "/decl/file", 200, "teal"),
		post("exit(ngx.DECLINED) of a POST after a sleep", "/decl/file", "body", 405, ""),
		get("exit(ngx.DECLINED) in the rewrite phase", "/decl/rewrite", 200, "content"),
		get("exit(ngx.DECLINED) in the rewrite phase after a sleep", "/decl/rewrite_waited", 200, "content"),
		closed("a body filter returns ngx.ERROR", "/decl/bf_error"),
		get("a body filter returns 200", "/decl/bf_200", 200, "one"),
		get("a body filter returns 299", "/decl/bf_299", 200, "one"),
		closed("a body filter returns 300", "/decl/bf_300"),
		closed("a body filter returns -1 as a string", "/decl/bf_string"),
		get("a body filter returns a word", "/decl/bf_word", 200, "one"),
		closed("a body filter returns -1.5", "/decl/bf_half"),
		get("a body filter returns ngx.DECLINED", "/decl/bf_declined", 200, "one"),
		closed("a body filter returns ngx.ERROR and more", "/decl/bf_two"),
		get("a body filter returns ngx.ERROR second", "/decl/bf_second", 200, "one"),
		closed("a body filter of a return returns ngx.ERROR", "/decl/bf_return"),
		closed("a body filter of a file returns ngx.ERROR", "/decl/bf_static"),
		get("a header filter returns ngx.ERROR", "/decl/hf_error", 200, "one"),
	}
}
