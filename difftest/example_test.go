package difftest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestExampleSite asks both servers for every kind of thing that examples/edge serves. Its answers tell process ids and times, so they are
// checked and not compared. The site doesn't name the Lua module, as OpenResty has it built in; -g names it for Debian's nginx.
func TestExampleSite(t *testing.T) {
	const directives = "load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so; daemon off;"
	port := freePort(t)
	prefix := prepare(t, "../examples/edge", "8080", port)
	all := []server{nginxServer(t)}
	if !*nginxOnly {
		all = append(all, moonringServer(t))
	}
	html := "text/html; charset=utf-8"
	requests := []struct {
		method, path, body, token string
		status                    int
		contentType               string
		has                       string
	}{
		{"GET", "/", "", "", 200, html, "access → content"},
		{"GET", "/", "", "", 200, html, "<h1>It runs.</h1>"},
		{"GET", "/api/hello?name=%22A%22&name=B", "", "", 200, "application/json", `"hello":"\"A\""`},
		{"GET", "/api/hello?name=" + strings.Repeat("x", 101), "", "", 400, "application/json", "at most 100"},
		{"GET", "/api/time", "", "", 200, "application/json", `"utc":"20`},
		{"GET", "/api/status", "", "", 200, "application/json", `"responses":{`},
		{"POST", "/api/echo?a=1&a&b", "say \x01 \"it\"", "", 200, "application/json", `"args":{"a":["1",true],"b":true},"body":"say \u0001 \"it\""`},
		{"GET", "/api/slow?ms=20", "", "", 200, "application/json", `"steps":4`},
		{"GET", "/api/slow?ms=1e9", "", "", 400, "application/json", "between"},
		{"GET", "/api/none", "", "", 404, "application/json", "/api/echo"},
		{"GET", "/origin/some/path", "", "", 200, "application/json", `"path":"/some/path"`},
		{"GET", "/origin/", "", "", 200, "application/json", `"client":"127.0.0.1"`},
		{"GET", "/origin/?name=nobody", "", "", 403, "text/html", "403"},
		{"GET", "/admin", "", "", 403, html, "No entry."},
		{"GET", "/admin", "", "moonrisd", 403, html, "No entry."},
		{"GET", "/admin", "", "moonrise2", 403, html, "No entry."},
		{"GET", "/admin", "", "moonrise", 200, html, "Come in."},
		{"GET", "/admin/status", "", "moonrise", 200, "application/json", `"welcome":true`},
		{"GET", "/nowhere/<b>", "", "", 404, html, "/nowhere/&lt;b&gt;"},
		{"GET", "/about/", "", "", 200, "text/html", "<h1>A file.</h1>"},
		{"GET", "/about", "", "", 301, "text/html", "301"},
		{"GET", "/style.css", "", "", 200, "text/css", "prefers-color-scheme"},
		{"GET", "/site.js", "", "", 200, "text/javascript", "addEventListener"},
		{"GET", "/logo.svg", "", "", 200, "image/svg+xml", "<svg"},
		{"GET", "/robots.txt", "", "", 200, "text/plain", "Disallow"},
	}
	client := http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			log := s.run(t, prefix, directives, port, func(addr string) {
				for _, r := range requests {
					req, err := http.NewRequest(r.method, "http://"+addr+r.path, strings.NewReader(r.body))
					if err != nil {
						t.Fatal(err)
					}
					if r.token != "" {
						req.Header.Set("X-Edge-Token", r.token)
					}
					resp, err := client.Do(req)
					if err != nil {
						t.Errorf("%s %s: %v", r.method, r.path, err)
						continue
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || resp.StatusCode != r.status || resp.Header.Get("Content-Type") != r.contentType || !strings.Contains(string(body), r.has) {
						t.Errorf("%s %s: %s, %s, %v, want %d, %s and %q in\n%s", r.method, r.path, resp.Status, resp.Header.Get("Content-Type"), err,
							r.status, r.contentType, r.has, body)
					}
				}
			})
			for _, r := range records(log) {
				if strings.Contains(r, "[error]") {
					t.Errorf("logged an error: %s", r)
				}
			}
			if !strings.Contains(log, "refused /admin: wrong token") {
				t.Errorf("the refusal isn't in the log:\n%s", log)
			}
		})
	}
}
