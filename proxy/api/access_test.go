package api

import "testing"

// TestDiscardedBodyIsNotReplaced: a body that was dropped, even whole, was never read.
func TestDiscardedBodyIsNotReplaced(t *testing.T) {
	s := serve(t, `events { } error_log error.log; http { access_log off; server { listen 127.0.0.1:@PORT@;
		location / { content_by_lua_block { ngx.req.discard_body() ngx.say(pcall(ngx.req.set_body_data, "z")) ngx.say(ngx.req.get_body_data()) } } } }`)
	if _, body := s.do("POST", "/", "hello"); body != "falserequest body not read yet\nnil\n" {
		t.Errorf("%q", body)
	}
}

// TestAccessNoPostpone: what the access phase's Lua decides, before allow and deny and after them.
func TestAccessNoPostpone(t *testing.T) {
	for value, want := range map[string]map[string]int{
		"on":  {"/redirected": 302, "/passed": 403, "/any": 200, "/refused": 401},
		"off": {"/redirected": 403, "/passed": 403, "/any": 200, "/refused": 403},
	} {
		s := serve(t, `events { } error_log error.log; http { access_log off; access_by_lua_no_postpone `+value+`; server { listen 127.0.0.1:@PORT@;
			location /redirected { access_by_lua_block { ngx.sleep(0.001) ngx.redirect("/x") } content_by_lua_block { } deny all; }
			location /passed { access_by_lua_block { ngx.sleep(0.001) } content_by_lua_block { } deny all; }
			location /refused { access_by_lua_block { ngx.exit(401) } content_by_lua_block { } deny all; }
			location /any { satisfy any; access_by_lua_block { ngx.sleep(0.001) } content_by_lua_block { } deny all; }
		} }`)
		for path, status := range want {
			if resp, _ := s.do("GET", path, ""); resp.StatusCode != status {
				t.Errorf("%s, %s: %d, want %d", value, path, resp.StatusCode, status)
			}
		}
	}
}
