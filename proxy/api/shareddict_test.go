package api

import (
	"strings"
	"testing"
)

// What no other server has, or can't be compared with: the rest is in difftest.
func TestSharedDict(t *testing.T) {
	if _, got := serve(t, strings.Replace(runner, "lua_shared_dict dogs 1m;", "", 1)).do("POST", "/", `ngx.print(tostring(next(ngx.shared)))`); got != "nil" {
		t.Errorf("without dicts ngx.shared has %s", got)
	}
	s := serve(t, strings.Replace(runner, "init_by_lua_block {", `init_by_lua_block { ngx.shared.dogs:set("init", 5) dict_of_init = ngx.shared.dogs`, 1))
	for _, test := range []struct{ code, want string }{
		{`return ngx.shared.dogs:get("init"), dict_of_init == ngx.shared.dogs`, "5 true"},
		{`local d = ngx.shared.dogs return d:cas("c", nil, 1), d:cas("c", 1, "x"), d:cas("c", "x", nil), d:get("c")`, "true true true"},
		{`local d = ngx.shared.dogs d:set("c", "v") local ok, err, forcible = d:cas("c", "w", 1) return ok, err, forcible, d:get("c")`, "false changed false v"},
		{`local d = ngx.shared.dogs d:set("c", "v") d:cas("c", "v", "w", 10, 7) local v, f = d:get("c") return v, f, d:ttl("c")`, "w 7 10"},
		{`return pcall(ngx.shared.dogs.cas, {}, "c", 1)`, `false bad "zone" argument`},
		{`return pcall(ngx.shared.dogs.cas, ngx.shared.dogs, "c", 1, 2, -1)`, `false bad "exptime" argument`},
		{`return ngx.shared.dogs:cas("c", print, 2)`, "nil bad value type"},
		{`return pcall(ngx.shared.dogs.get, {io.stdout}, "c")`, `false bad "zone" argument`},
		{`return pcall(ngx.shared.dogs.set, ngx.shared.dogs, "k", 1, "x")`, "false attempt to compare string with number"},
		{`return pcall(ngx.shared.dogs.set, ngx.shared.dogs, "k", 1, 0, "x")`, "false bad argument #10 to '?' (cannot convert 'string' to 'int')"},
		{`return pcall(ngx.shared.dogs.incr, ngx.shared.dogs, "k", nil)`, "false cannot convert 'nil' to 'double'"},
		{`return ngx.shared.dogs:capacity()`, "1048576"},
		{`local d = ngx.shared.dogs for i = 1, 200 do d:set("k" .. i, i) end return #d:get_keys(0) >= 200`, "true"},
	} {
		_, got := s.do("POST", "/", `local t = {(function() `+test.code+` end)()} for i = 1, table.maxn(t) do t[i] = tostring(t[i]):gsub("^t:%d+: ", "") end ngx.print(table.concat(t, " "))`)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.code, got, test.want)
		}
	}
}
