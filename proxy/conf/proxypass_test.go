package conf

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// proxyOuter sets every proxy directive that is inherited, for TestInheritance.
const proxyOuter = ` proxy_http_version 1.1; proxy_method PUT; proxy_set_header A b; proxy_hide_header C; proxy_pass_header D;
	proxy_redirect /a/ /b/; proxy_pass_request_headers off; proxy_pass_request_body off; proxy_buffering off; proxy_request_buffering off;
	proxy_ignore_client_abort on; proxy_intercept_errors on; proxy_connect_timeout 1; proxy_send_timeout 2; proxy_read_timeout 3; proxy_buffer_size 8k; proxy_buffers 2 8k;
	proxy_next_upstream off; proxy_next_upstream_tries 4; proxy_next_upstream_timeout 5;`

// TestProxyInheritance looks at every field of what an inner block inherits.
func TestProxyInheritance(t *testing.T) {
	h := loadHTTP(t, "server { location /a { location /a/b { } } location /c { proxy_set_header E f; proxy_redirect off; } }"+proxyOuter)
	v := reflect.ValueOf(h.Servers[0].findPrefix([]byte("/a/b")).Proxy)
	base := reflect.ValueOf(proxyDefaults)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "RedirectOff" && reflect.DeepEqual(v.Field(i).Interface(), base.Field(i).Interface()) {
			t.Errorf("%s is not inherited", name)
		}
	}
	c := h.Servers[0].findPrefix([]byte("/c")).Proxy
	if len(c.SetHeaders) != 1 || c.SetHeaders[0].Name != "E" || !c.RedirectOff || c.Redirects != nil {
		t.Errorf("a block's own values are not alone: %+v", c)
	}
}

func TestUpstream(t *testing.T) {
	h := loadHTTP(t, `server { location / { proxy_pass http://Back/x/; } location /u { proxy_pass http://unix:/s.sock:/y; }
		location /n { proxy_pass http://[::1]:81; } }
		upstream back { server 127.0.0.1:8001 weight=3 max_fails=2 fail_timeout=7s max_conns=9; server unix:/a.sock backup; server 10.0.0.1 down;
		keepalive 5; keepalive_timeout 6; keepalive_requests 7; keepalive_time 8; }`)
	u := h.Servers[0].findPrefix([]byte("/")).ProxyPass.Upstream
	if u != h.Upstreams[0] || len(u.Servers) != 3 || u.Keepalive != 5 || u.KeepaliveTimeout != 6*time.Second || u.KeepaliveRequests != 7 ||
		u.KeepaliveTime != 8*time.Second {
		t.Fatalf("%+v", u)
	}
	s := u.Servers[0]
	if s.Weight != 3 || s.MaxFails != 2 || s.FailTimeout != 7*time.Second || s.MaxConns != 9 || s.Addrs[0].String() != "127.0.0.1:8001" {
		t.Errorf("%+v", s)
	}
	if s = u.Servers[1]; !s.Backup || s.Addrs[0].String() != "unix:/a.sock" || s.MaxFails != 1 {
		t.Errorf("%+v", s)
	}
	if s = u.Servers[2]; !s.Down || s.Addrs[0].String() != "10.0.0.1:80" {
		t.Errorf("%+v", s)
	}
	p := h.Servers[0].findPrefix([]byte("/u")).ProxyPass
	if p.Host != "localhost" || p.URI != "/y" || p.Upstream.Servers[0].Addrs[0].Path != "/s.sock" {
		t.Errorf("%+v", p)
	}
	p = h.Servers[0].findPrefix([]byte("/n")).ProxyPass
	if p.Host != "[::1]:81" || p.URI != "" || p.Upstream.Servers[0].Addrs[0].String() != "[::1]:81" {
		t.Errorf("%+v", p)
	}
}

func TestProxyErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"server { location / { proxy_pass ftp://a; } }", `invalid URL prefix`},
		{"server { location / { proxy_pass https://127.0.0.1; } }", `not supported yet`},
		{"server { location / { proxy_pass http://127.0.0.1:x; } }", `invalid port in upstream "127.0.0.1:x"`},
		{"server { location / { proxy_pass http://; } }", `no host in upstream ""`},
		{"server { location / { proxy_pass http://nobody.invalid; } }", `host not found in upstream "nobody.invalid"`},
		{"upstream a { }", `no servers are inside upstream`},
		{"upstream a { server 127.0.0.1; } upstream A { server 127.0.0.1; }", `duplicate upstream "A"`},
		{"upstream a { server 127.0.0.1 weight=0; }", `invalid parameter "weight=0"`},
		{"upstream a { server 127.0.0.1; ip_hash; }", `directive "ip_hash" is not supported yet`},
		{"upstream a { server 127.0.0.1; keepalive 0; }", `invalid value "0" in "keepalive" directive`},
		{"proxy_next_upstream error often;", `invalid value "often"`},
		{"proxy_http_version 3;", `invalid value "3"`},
		{"proxy_redirect default;", `"proxy_redirect default" should be placed after the "proxy_pass" directive`},
	} {
		_, _, err := Load(Options{Prefix: "/p", ConfPath: "/p/nginx.conf", FS: memFS{"/p/nginx.conf": "events {} http { " + c.text + " }"}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}
