package difftest

// setLuaCases: set_by_lua*.
func setLuaCases() []testCase {
	return []testCase{
		get("set_by_lua in a server", "/set/server", 200, "of the server set"),
		get("set_by_lua_block", "/set/block", 200, "42"),
		get("arguments of set_by_lua", "/set/args?y=1", 200, "one/1 two/nil/nil/nil"),
		get("set_by_lua_file", "/set/file", 200, "/set/file 42"),
		get("set_by_lua returns nil", "/set/nil", 200, "[]"),
		get("set_by_lua returns nothing", "/set/nothing", 200, "[]"),
		get("set_by_lua returns a boolean", "/set/boolean", 200, "[]"),
		get("set_by_lua returns a table", "/set/table", 200, "[]"),
		get("set_by_lua returns two values", "/set/many", 200, "[a]"),
		get("set_by_lua returns numbers", "/set/number", 200, "1.5 1e+15"),
		get("set_by_lua that throws", "/set/throws", 500, "").logged("marker-set-throws"),
		get("set_by_lua that doesn't compile", "/set/syntax", 500, ""),
		get("set and set_by_lua run in order", "/set/order", 200, "1 2 22 44"),
		get("set_by_lua in an if that holds", "/set/if?x=1", 200, "yes 1"),
		get("set_by_lua in an if that doesn't", "/set/if", 200, "no"),
		get("set_by_lua that writes another variable", "/set/var", 200, "set new"),
		get("set_by_lua and ngx.ctx", "/set/ctx", 200, "from set1"),
		get("what set_by_lua may not do", "/set/refused", 200, "API disabled in the context of set_by_lua*"),
		get("set_by_lua and headers", "/set/header", 200, ""),
		get("set_by_lua before rewrite", "/set/rewrite", 200, "42"),
		get("set_by_lua and filters", "/set/filters", 200, "X-V: v"),
	}
}
