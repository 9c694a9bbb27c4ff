package proxy

import (
	"strings"
	"testing"
)

// TestServerTokens looks at what headers and pages call the server.
func TestServerTokens(t *testing.T) {
	b := start(t, `server { listen LISTEN;
		location /none/ { return 200 x; }
		location /none/404 { return 404; }
		location /on/ { server_tokens on; return 200 x; }
		location /on/404 { server_tokens on; return 404; }
		location /on/lua { server_tokens on; content_by_lua_block { say("x") } }
		location /build/ { server_tokens build; return 404; }
		location /off/ { server_tokens off; return 404; }
	}`)
	if b.w.Version != "1.2-test" {
		t.Fatal(b.w.Version)
	}
	c := b.dial()
	for path, want := range map[string]string{"/none/": "moonring", "/none/404": "moonring", "/on/": "moonring/1.2-test", "/on/404": "moonring/1.2-test",
		"/on/lua": "moonring/1.2-test", "/build/": "moonring/1.2-test", "/off/": "moonring"} {
		c.send(get(path))
		r := c.reply("GET")
		if got := r.Header.Get("Server"); got != want {
			t.Errorf("%s: Server: %s, want %s", path, got, want)
		}
		if r.StatusCode == 404 && !strings.Contains(r.body, "<hr><center>"+want+"</center>") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
}
