package difftest

// accessCases: allow, deny, satisfy.
func accessCases() []testCase {
	return []testCase{
		get("rules of the location around, which don't fit", "/acl/inherits", 200, "teal"),
		get("deny all", "/acl/deny_all", 403, "403 Forbidden").logged("/acl/deny_all"),
		get("allow before deny", "/acl/allow_first", 200, "teal"),
		get("deny before allow", "/acl/deny_first", 403, ""),
		get("rules for other kinds of addresses", "/acl/ipv6", 403, ""),
		get("return comes before deny", "/acl/return", 200, "rewrite comes first"),
		get("deny comes before access code", "/acl/all", 403, ""),
		get("allow and access code, both asked", "/acl/all_allowed", 200, "X-A: asked"),
		get("satisfy any, by access code", "/acl/any_lua", 200, "content"),
		get("satisfy any, by exit(ngx.OK)", "/acl/any_lua_ok", 200, "content"),
		get("satisfy any, access code declines", "/acl/any_lua_declined", 403, "").logged("/acl/any_lua_declined"),
		get("satisfy any, access code forbids", "/acl/any_lua_403", 403, "").logged("/acl/any_lua_403"),
		get("satisfy any, access code wants a password", "/acl/any_lua_401", 401, ""),
		get("satisfy any, access code fails", "/acl/any_lua_500", 500, ""),
		get("satisfy any, by a rule", "/acl/any_allowed", 200, "content"),
		get("satisfy any, no rule fits", "/acl/any_only_lua", 403, ""),
		get("satisfy any, nothing but deny", "/acl/any_nothing", 403, ""),
		get("satisfy any, by access code that sleeps", "/acl/any_sleeps", 200, "content"),
	}
}
