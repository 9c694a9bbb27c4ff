package conf

import (
	"testing"
	"time"
)

func TestEchoSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "0.05": 50 * time.Millisecond, ".5": 500 * time.Millisecond, "2.": 2 * time.Second, "1.234": 1234 * time.Millisecond, "1.2345": -1,
		"": -1, ".": -1, "1s": -1, "-1": -1, "1.2.3": -1, "99999999999": -1,
	} {
		got, ok := EchoSeconds([]byte(text))
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestEchoAndMoreHeaders(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"location / { echo_sleep -x; }", `invalid number of arguments in "echo_sleep" directive in /p/nginx.conf:1`},
		{"location / { echo_status 99; }", `invalid status code "99" in /p/nginx.conf:1`},
		{"location / { more_set_headers -x a; }", `invalid option name: "-x" in /p/nginx.conf:1`},
		{"location / { more_set_input_headers -s 404 a; }", `invalid option name: "-s" in /p/nginx.conf:1`},
		{"location / { more_set_headers -s; }", `option "-s" takes an argument in /p/nginx.conf:1`},
		{"location / { more_set_headers -s x a; }", `invalid digit in status: "x" in /p/nginx.conf:1`},
		{"location / { more_set_headers ': v'; }", `invalid header name in "more_set_headers": ": v" in /p/nginx.conf:1`},
		{"echo x;", `"echo" directive is not allowed here in /p/nginx.conf:1`},
	} {
		_, _, err := Load(options("events {} http { server { " + c.text + " } }"))
		if got := errorText(err); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
		}
	}
	cfg, _, err := Load(options(`load_module modules/ngx_http_echo_module.so; load_module ngx_http_headers_more_filter_module.so; events {}
		http { more_set_headers 'A: 1'; server { more_clear_headers -s '404 500' -t text/HTML B*; location / { more_set_headers C; echo x; location /in { } } } }`))
	if err != nil {
		t.Fatal(err)
	}
	l := cfg.HTTP.Servers[0].findPrefix([]byte("/"))
	if len(l.More) != 3 || l.More[0].Headers[0].Name != "A" || l.More[1].Statuses[1] != 500 || l.More[1].Types[0] != "text/html" ||
		!l.More[1].Headers[0].Any || l.More[1].Headers[0].Name != "B" || !l.More[2].Headers[0].Clear {
		t.Errorf("%+v", l.More)
	}
	if in := cfg.HTTP.Servers[0].findPrefix([]byte("/in")); len(in.More) != 3 || len(in.Echo) != 0 {
		t.Errorf("%+v", in)
	}
}
