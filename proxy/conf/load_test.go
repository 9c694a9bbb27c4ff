package conf

import (
	"io/fs"
	"net/netip"
	"path"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

// memFS is a file system of strings.
type memFS map[string]string

func (m memFS) ReadFile(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (m memFS) Glob(pattern string) (found []string, err error) {
	for name := range m {
		if ok, err := path.Match(pattern, name); err == nil && ok {
			found = append(found, name)
		}
	}
	sort.Strings(found)
	return found, nil
}

const accounts = "root:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/sh\n"

func options(text string) Options {
	return Options{
		Prefix: "/p", ConfPath: "nginx.conf", CPUs: 7, Hostname: "Me.Example",
		FS: memFS{
			"/p/nginx.conf": text,
			"/etc/hosts":    "127.0.0.1 localhost # me\n::1 localhost ip6\n10.1.2.3 a b.example\n",
			"/etc/passwd":   accounts, "/etc/group": accounts,
			"/p/lua/a.lua": "return 1",
		},
	}
}

func load(t *testing.T, text string) (*Config, []Notice) {
	t.Helper()
	c, notices, err := Load(options(text))
	if err != nil {
		t.Fatal(err)
	}
	return c, notices
}

func loadHTTP(t *testing.T, text string) *HTTP {
	t.Helper()
	c, _ := load(t, "events {}\nhttp {\n"+text+"\n}")
	return c.HTTP
}

func TestMainContextDefaults(t *testing.T) {
	c, notices := load(t, "events {}")
	if len(notices) != 0 {
		t.Errorf("notices: %v", notices)
	}
	want := &Config{
		Prefix: "/p/", ConfFile: "/p/nginx.conf", ConfPrefix: "/p/", WorkerProcesses: 1, Daemon: true, MasterProcess: true,
		PID: "/p/logs/nginx.pid", ErrorLog: []ErrorLog{{Path: "/p/logs/error.log", Level: Err}}, WorkerRlimitNofile: -1, WorkerConfine: true, WorkerHangTimeout: 30 * time.Second,
		LogPaths: []string{"/p/logs/error.log"}, WorkerConnections: 512, Files: []Source{{"/p/nginx.conf", []byte("events {}")}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestMainContextValues(t *testing.T) {
	c, _ := load(t, `
		load_module modules/ndk_http_module.so;
		worker_processes auto; worker_cpu_affinity auto 0110; daemon off; master_process off; pid /run/x.pid; user www root;
		error_log a.log; error_log stderr info; error_log /b.log debug_http; error_log c.log error;
		env A; env B=1=2; worker_rlimit_nofile 4096; worker_shutdown_timeout 1m500ms; worker_hang_timeout 5s; worker_confine off; worker_write_path /var/a b;
		events { worker_connections 99; use epoll; }`)
	want := &Config{
		Prefix: "/p/", ConfFile: "/p/nginx.conf", ConfPrefix: "/p/", WorkerProcesses: 7, WorkerCPUAffinity: []string{"auto", "0110"},
		PID: "/run/x.pid", User: "www", Group: "root",
		ErrorLog: []ErrorLog{
			{Path: "/b.log", Level: Debug}, {Stderr: true, Level: Info}, {Path: "/p/a.log", Level: Err}, {Path: "/p/c.log", Level: Err},
		},
		LogPaths: []string{"/b.log", "/p/a.log", "/p/c.log"},
		Env:      []string{"A", "B=1=2"}, WorkerRlimitNofile: 4096, WritePaths: []string{"/var/a", "/p/b"}, WorkerHangTimeout: 5 * time.Second, WorkerShutdownTimeout: time.Minute + 500*time.Millisecond,
		WorkerConnections: 99, LoadModules: []string{"ndk_http_module.so"}, Files: c.Files,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestLogPaths(t *testing.T) {
	c, _ := load(t, "error_log a.log; error_log stderr; events {} http { error_log b.log info; access_log d.log; server { location / { location /x { error_log /c.log; } } error_log a.log; } }")
	if got, want := strings.Join(c.LogPaths, " "), "/p/a.log /p/b.log /p/d.log /c.log"; got != want {
		t.Errorf("LogPaths %q, want %q", got, want)
	}
}

// coreValues sets each field of Core to something other than the default.
const coreValues = `etag off; if_modified_since before; max_ranges 3; log_not_found off; absolute_redirect off; server_name_in_redirect on;
	port_in_redirect off; merge_slashes off; underscores_in_headers on; ignore_invalid_headers off; chunked_transfer_encoding off;
	keepalive_disable safari; keepalive_time 5m; reset_timedout_connection on; msie_padding off; add_header A $uri always; expires modified -1h;
	charset koi8-r; charset_types a/b; gzip on; gzip_vary on; gzip_types c/d; gzip_min_length 5; gzip_comp_level 9; gzip_http_version 1.0;
	gzip_proxied expired any; gzip_disable msie6;`

func TestCoreInheritance(t *testing.T) {
	h := loadHTTP(t, coreValues+"server { location /a { location /a/b { } } }")
	base := reflect.ValueOf(defaultCore())
	for _, l := range []*Location{h.Loc, h.Servers[0].Loc, h.Servers[0].findPrefix([]byte("/a")), h.Servers[0].findPrefix([]byte("/a/b"))} {
		v := reflect.ValueOf(l.Core)
		for i := range v.NumField() {
			if reflect.DeepEqual(v.Field(i).Interface(), base.Field(i).Interface()) {
				t.Errorf("line %d: %s is not inherited", l.Line, v.Type().Field(i).Name)
			}
		}
	}
	l := h.Servers[0].findPrefix([]byte("/a/b"))
	if a := l.AddHeaders; len(a) != 1 || a[0].Name != "A" || a[0].Value.Source != "$uri" || !a[0].Always {
		t.Errorf("add_header %+v", a)
	}
	if g := l.Gzip; !g.On || !g.Vary || !g.Types["c/d"] || !g.Types["text/html"] || g.MinLength != 5 || g.Level != 9 || g.HTTPVersion != 10 ||
		g.Proxied != GzipExpired|GzipAny || !g.DisableMSIE6 {
		t.Errorf("gzip %+v", g)
	}
	if l.Expires != (Expires{ExpiresModified, -time.Hour}) || l.KeepaliveDisable != KeepaliveDisableSafari || !l.CharsetFor["a/b"] || l.CharsetFor["text/plain"] {
		t.Errorf("%+v", l.Core)
	}
}

func TestAccessLog(t *testing.T) {
	h := loadHTTP(t, `log_format a '$host' " $uri"; log_format b escape=json '{$status}'; access_log x.log a;
		server { location /in { } location /own { access_log /y.log b buffer=1k flush=2s if=$arg_l; access_log z.log; }
			location /off { access_log off; location /off/on { access_log x.log a; } } }`)
	at := func(path string) *Location { return h.Servers[0].findPrefix([]byte(path)) }
	in := at("/in").AccessLog
	if len(in) != 1 || in[0].Path != "/p/x.log" || in[0].Format.Text.Source != "$host $uri" || in[0].If != nil {
		t.Errorf("inherited: %+v", in)
	}
	own := at("/own").AccessLog
	if len(own) != 2 || own[0].Path != "/y.log" || own[0].Format.Escape != EscapeJSON || own[0].Buffer != 1024 || own[0].Flush != 2*time.Second ||
		own[0].If == nil || own[0].If.Source != "$arg_l" || own[1].Path != "/p/z.log" || own[1].Format.Name != "combined" {
		t.Errorf("own: %+v", own)
	}
	if l := at("/off"); !l.AccessLogOff || len(l.AccessLog) != 0 {
		t.Errorf("off: %+v", l)
	}
	if l := at("/off/on"); l.AccessLogOff || len(l.AccessLog) != 1 {
		t.Errorf("on again: %+v", l)
	}
}

func TestGlobals(t *testing.T) {
	for _, c := range []struct{ globals, text, want string }{
		{"daemon off;", "events {}", ""},
		{"daemon off", "events {}", `unexpected end of parameter, expecting ";" in command line`},
		{"foo;", "events {}", `unknown directive "foo" in command line`},
		{"events {}", "", `block directives are not supported in -g option in command line`},
		{"daemon off; }", "events {}", `unexpected "}" in command line`},
		{"daemon off;", "events {}\ndaemon on;", `"daemon" directive is duplicate in /p/nginx.conf:2`},
	} {
		o := options(c.text)
		o.Globals = c.globals
		_, _, err := Load(o)
		if got := errorText(err); got != c.want {
			t.Errorf("-g %q: got %q, want %q", c.globals, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestMissingMainFile(t *testing.T) {
	_, _, err := Load(Options{Prefix: "/p/", FS: memFS{}})
	if got, want := errorText(err), `open() "/p/conf/nginx.conf" failed (2: No such file or directory)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOwnTexts holds the errors that nginx doesn't have.
func TestOwnTexts(t *testing.T) {
	inServer := func(s string) string { return "events {} http { server {\n" + s + "\n} }" }
	for _, c := range []struct{ text, want string }{
		{inServer("proxy_pass http://x;"), `"proxy_pass" directive is not allowed here in /p/nginx.conf:2`},
		{inServer("location / {\nproxy_bind 127.0.0.1; }"), `directive "proxy_bind" is not supported yet in /p/nginx.conf:3`},
		{inServer("location / { proxy_pass; }"), `invalid number of arguments in "proxy_pass" directive in /p/nginx.conf:2`},
		{"stream { }", `directive "stream" is not supported yet in /p/nginx.conf:1`},
		{inServer("server_rewrite_by_lua_block { } "), `directive "server_rewrite_by_lua_block" is not supported yet in /p/nginx.conf:2`},
		{inServer("echo x;"), `"echo" directive is not allowed here in /p/nginx.conf:2`},
		{inServer("listen 80 ssl;"), `the "ssl" parameter of the "listen" directive is not supported yet in /p/nginx.conf:2`},
		{inServer("listen 80 setfib=1;"), `the "setfib" parameter of the "listen" directive is not supported yet in /p/nginx.conf:2`},
		{inServer("access_log syslog:server=x;"), `access_log to "syslog:server=x" is not supported yet in /p/nginx.conf:2`},
		{inServer("access_log $host.log;"), `variables in the path of access_log "$host.log" are not supported yet in /p/nginx.conf:2`},
		{inServer("access_log a.log combined gzip;"), `the parameter "gzip" of access_log is not supported yet in /p/nginx.conf:2`},
		{"error_log syslog:server=x;", `error_log to "syslog:server=x" is not supported yet in /p/nginx.conf:1`},
		{"load_module modules/ngx_mail_module.so;", `dlopen() "/p/modules/ngx_mail_module.so" failed ` +
			`(ngx_mail_module.so is not one of the built-in modules) in /p/nginx.conf:1`},
		{"include nginx.conf;", `too many levels of include: more than 100 in /p/nginx.conf:1`},
		{strings.Repeat("x {", 2000), `unknown directive "x" in /p/nginx.conf:1`},
		{"events {} http { server {" + strings.Repeat("location / {", 2000),
			`too many levels of blocks: more than 1000 in /p/nginx.conf:1`},
		{inServer("lua_cpu_budget 1x;"), `"lua_cpu_budget" directive invalid value in /p/nginx.conf:2`},
		{inServer("lua_memory_limit 1g;"), `"lua_memory_limit" directive is not allowed here in /p/nginx.conf:2`},
	} {
		_, _, err := Load(options(c.text))
		if got := errorText(err); got != c.want {
			t.Errorf("%.60q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestVariableRefused(t *testing.T) {
	o := options("events {} http { server {\nreturn 200 $host$request_id; } }")
	o.Variable = func(name string) bool { return name == "host" }
	_, _, err := Load(o)
	if got, want := errorText(err), `variable "$request_id" is not supported yet in /p/nginx.conf:2`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNotices(t *testing.T) {
	_, notices := load(t, "pcre_jit on;\nevents { multi_accept on; use poll; }\n"+
		"http { types_hash_max_size 1; server { types_hash_max_size 2; } lua_package_cpath x; }")
	var got []string
	for _, n := range notices {
		got = append(got, n.Level.String()+": "+n.String())
	}
	want := []string{
		`notice: the "pcre_jit" directive has no effect in /p/nginx.conf:1`,
		`notice: the "multi_accept" directive has no effect in /p/nginx.conf:2`,
		`notice: the event method is always io_uring, "poll" is ignored in /p/nginx.conf:2`,
		`notice: the "types_hash_max_size" directive has no effect in /p/nginx.conf:3`,
		`notice: the "lua_package_cpath" directive has no effect: modules in C are not loaded in /p/nginx.conf:3`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestUnprivileged(t *testing.T) {
	o := options("user nosuch; events {} http { server { } }")
	o.Unprivileged = true
	c, notices, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(notices) != 1 || notices[0].Level != Warn || c.User != "" {
		t.Errorf("notices %v, user %q", notices, c.User)
	}
	if got := c.HTTP.Sockets[0].Key; got != "0.0.0.0:8000" {
		t.Errorf("default address %s", got)
	}
}

func TestLocationDefaults(t *testing.T) {
	h := loadHTTP(t, "server { location / { } }")
	l := h.Servers[0].Locations[0]
	if len(l.AccessLog) != 1 || l.AccessLog[0].Path != "/p/logs/access.log" || l.AccessLog[0].Format.Text.Source != combinedFormat {
		t.Errorf("access log %+v", l.AccessLog)
	}
	h = loadHTTP(t, "access_log off; server { location / { } }")
	l = h.Servers[0].Locations[0]
	want := Location{
		AccessLogOff: true, Core: defaultCore(),
		Name: "/", Server: h.Servers[0], File: "/p/nginx.conf", Line: 3,
		Root: constTemplate("/p/html"), Index: []Template{constTemplate("index.html")},
		EchoStatus: 200, DefaultType: "text/plain", Types: defaultTypes, KeepaliveTimeout: 75 * time.Second, KeepaliveRequests: 1000,
		ClientMaxBodySize: 1048576, ClientBodyBufferSize: 8192, ClientBodyTemp: TempPath{Path: "/p/client_body_temp"},
		ClientHeaderTimeout: time.Minute, ClientBodyTimeout: time.Minute,
		SendTimeout: time.Minute, LingeringClose: LingeringOn, LingeringTime: 30 * time.Second, LingeringTimeout: 5 * time.Second,
		ClientHeaderBufferSize: 1024, LargeClientHeaderBuffers: Buffers{4, 8192},
		ErrorLog: []ErrorLog{{Path: "/p/logs/error.log", Level: Err}}, TCPNoDelay: true,
		LuaCodeCache: true, LuaUseDefaultType: true, LuaHTTP10Buffering: true, LuaTransformUnderscores: true, LuaCPUBudget: time.Second, Script: &Script{}, UninitializedVariableWarn: true, Proxy: proxyDefaults, ResolverTimeout: 30 * time.Second, LuaSocket: defaultLuaSocket(), LuaSSL: defaultLuaSSL(),
	}
	if !reflect.DeepEqual(*l, want) {
		t.Errorf("got %+v\nwant %+v", *l, want)
	}
	if h.LuaMemoryLimit != 512<<20 {
		t.Errorf("lua_memory_limit %d", h.LuaMemoryLimit)
	}
}

// TestInheritance sets each directive that has a merge rule in http and looks for a difference to the defaults two blocks
// further in; then for the nearest value where several are set.
func TestInheritance(t *testing.T) {
	outer := `root /r; index a b; default_type a/b; types { x/y z; } keepalive_timeout 1 2; keepalive_requests 3;
		client_max_body_size 4g; client_body_buffer_size 5k; client_header_timeout 6; client_body_timeout 7; send_timeout 8;
		client_body_in_file_only clean; client_body_temp_path /t 1 2;
		lingering_close always; lingering_time 9; lingering_timeout 10; client_header_buffer_size 11k;
		large_client_header_buffers 12 13k; access_log off; error_log x.log warn; error_log y.log info; server_tokens on;
		tcp_nodelay off; log_subrequest on; tcp_nopush on; sendfile on; http_strict on; lua_code_cache off; lua_cpu_budget 14ms;
		lua_use_default_type off; lua_http10_buffering off; lua_transform_underscores_in_response_headers off;
		access_by_lua 'a'; log_by_lua 'l'; ` + coreValues + `
		error_page 404 /e; recursive_error_pages on; rewrite_log on; uninitialized_variable_warn off;
		rewrite_by_lua 'r'; lua_need_request_body on; lua_check_client_abort on; deny all; auth_request /auth; auth_request_set $a b; satisfy any; more_set_headers 'A: b'; header_filter_by_lua 'h'; body_filter_by_lua 'b';
		resolver 1.2.3.4; resolver_timeout 1; lua_socket_pool_size 1; lua_ssl_protocols TLSv1.2;` + proxyOuter
	check := func(l *Location, where string) {
		t.Helper()
		v := reflect.ValueOf(*l)
		base := reflect.ValueOf(*loadHTTP(t, "server { location / { } }").Servers[0].Locations[0])
		own := map[string]bool{"Name": true, "Exact": true, "NoRegex": true, "Named": true, "Server": true, "Parent": true,
			"AccessLog": true, // AccessLogOff stands for both
			"File":      true, "Line": true, "set": true, "Content": true, "Echo": true,
			"EchoBefore": true, "EchoAfter": true, "EchoStatus": true, // there are none outside of locations
			"Script": true, "Regex": true, "NoName": true, "Internal": true, "TryFiles": true, "Handler": true, "LimitExcept": true, "ExceptMethods": true, "ProxyPass": true, "Alias": true, "AliasLen": true}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if !own[name] && reflect.DeepEqual(v.Field(i).Interface(), base.Field(i).Interface()) {
				t.Errorf("%s: %s is not inherited", where, name)
			}
		}
	}
	h := loadHTTP(t, "server { location /a { location /a/b { } } }"+outer)
	check(h.Loc, "http")
	check(h.Servers[0].Loc, "server")
	check(h.Servers[0].findPrefix([]byte("/a/b/c")), "nested location")
	h = loadHTTP(t, "server { "+outer+" location /a { } } server { }")
	check(h.Servers[0].findPrefix([]byte("/a")), "location")
	if h.Servers[1].Loc.TCPNoPush || h.Loc.TCPNoPush {
		t.Error("a server's value leaked out")
	}

	h = loadHTTP(t, outer+`server { index c; types { q/r s; } error_log z.log; keepalive_timeout 20; root /s;
		location /a { tcp_nopush off; access_by_lua 'b'; alias /t/; location /a/b { content_by_lua 'c'; return 200; } } }`)
	l := h.Servers[0].findPrefix([]byte("/a/b"))
	switch {
	case len(l.Index) != 1 || l.Index[0].Source != "c":
		t.Errorf("index %v", l.Index)
	case len(l.Types) != 1 || l.Types["s"] != "q/r":
		t.Errorf("types %v", l.Types)
	case !reflect.DeepEqual(l.ErrorLog, []ErrorLog{{Path: "/p/z.log", Level: Err}}):
		t.Errorf("error_log %v", l.ErrorLog)
	case l.KeepaliveTimeout != 20*time.Second || l.KeepaliveHeader != 2*time.Second:
		t.Errorf("keepalive %v %v: the header is inherited by itself", l.KeepaliveTimeout, l.KeepaliveHeader)
	case l.TCPNoPush || string(l.Access.Source) != "b" || string(l.Log.Source) != "l":
		t.Error("the nearest value doesn't win")
	case !l.Alias || l.AliasLen != 2 || l.Root.Source != "/t/":
		t.Errorf("alias %v %d %q", l.Alias, l.AliasLen, l.Root.Source)
	case h.Servers[0].findPrefix([]byte("/a")).Content != nil || l.Content == nil:
		t.Error("content")
	case returnOf(l) == nil || returnOf(l.Parent) != nil:
		t.Error("return")
	}
}

// returnOf is the return directive that a script begins with.
func returnOf(l *Location) *Return {
	if l.Script == nil || len(l.Script.Code) == 0 {
		return nil
	}
	return l.Script.Code[0].Return
}

func TestReturn(t *testing.T) {
	h := loadHTTP(t, `access_log off; server { return 301 /x?$args; return 200;
		location /a { return 404; } location /b { return 204 ""; } location /c { return $scheme://h/; } location /d { return 200 hi; } }`)
	s := h.Servers[0]
	for _, c := range []struct {
		got       *Return
		code      int
		text      string
		has, url  bool
		partCount int
	}{
		{returnOf(s.Loc), 301, "/x?$args", true, true, 2},
		{returnOf(s.findPrefix([]byte("/a"))), 404, "", false, false, 0},
		{returnOf(s.findPrefix([]byte("/b"))), 204, "", false, false, 0},
		{returnOf(s.findPrefix([]byte("/c"))), 302, "$scheme://h/", true, true, 2},
		{returnOf(s.findPrefix([]byte("/d"))), 200, "hi", true, false, 1},
	} {
		r := c.got
		if r.Code != c.code || r.Text.Source != c.text || r.HasText != c.has || r.URL != c.url || len(r.Text.Parts) != c.partCount {
			t.Errorf("got %+v, want %+v", r, c)
		}
	}
	if want := []string{"args", "scheme"}; !reflect.DeepEqual(h.Variables, want) {
		t.Errorf("variables %v, want %v", h.Variables, want)
	}
}

func TestTemplate(t *testing.T) {
	lit := func(s string) TemplatePart { return TemplatePart{Text: s, Index: -1} }
	h := loadHTTP(t, `access_log off; server { return 200 "a${Host}b$uri$1-$host"; }`)
	want := []TemplatePart{lit("a"), {Var: "host", Index: 0}, lit("b"), {Var: "uri", Index: 1}, {Var: "1", Index: -1}, lit("-"),
		{Var: "host", Index: 0}}
	if got := returnOf(h.Servers[0].Loc).Text.Parts; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(h.Variables, []string{"host", "uri"}) {
		t.Errorf("variables %v", h.Variables)
	}
	c := constTemplate("x")
	if s, ok := c.Const(); !ok || s != "x" || !c.IsConst() {
		t.Error("constant")
	}
}

func TestWords(t *testing.T) {
	c, _ := load(t, `events {} env "a\"b\\c\td\n\x"; env 'it'; env a\ b; env a"b'c#d}e; env ${x}y; env $; env "${x"; env é;`+" env \"two\nlines\";")
	want := []string{"a\"b\\c\td\n\\x", "it", `a\ b`, `a"b'c#d}e`, "${x}y", "$", "${x", "é", "two\nlines"}
	if !reflect.DeepEqual(c.Env, want) {
		t.Errorf("got %q\nwant %q", c.Env, want)
	}
}

func TestLuaCode(t *testing.T) {
	o := options(`events {}
http {
  init_by_lua_file lua/a.lua;
  server {
    access_by_lua_block
    {
      local a = { "}" }
    }
    location / { content_by_lua
      'ngx.say(\'\n"x"\')'
    ; log_by_lua_file $document_root/x.lua; }
    location /b { content_by_lua_file missing.lua; }
    include inc/b.conf;
  }
}`)
	o.FS.(memFS)["/p/inc/b.conf"] = "\nlocation /c { content_by_lua_block { return } }"
	c, _, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	s := c.HTTP.Servers[0]
	for _, w := range []struct {
		got  *LuaCode
		want LuaCode
	}{
		{c.HTTP.Init, LuaCode{Directive: "init_by_lua_file", Source: []byte("return 1"), ChunkName: "@/p/lua/a.lua",
			Path: constTemplate("/p/lua/a.lua"), IsFile: true, File: "/p/nginx.conf", Line: 3, FirstLine: 1}},
		{s.Loc.Access, LuaCode{Directive: "access_by_lua_block", Source: []byte("\n      local a = { \"}\" }\n    "),
			ChunkName: "=access_by_lua(nginx.conf:6)", File: "/p/nginx.conf", Line: 6, FirstLine: 6}},
		{s.findPrefix([]byte("/")).Content, LuaCode{Directive: "content_by_lua", Source: []byte("ngx.say('\n\"x\"')"),
			ChunkName: "=content_by_lua(nginx.conf:11)", File: "/p/nginx.conf", Line: 11, FirstLine: 10}},
		{s.findPrefix([]byte("/c")).Content, LuaCode{Directive: "content_by_lua_block", Source: []byte(" return "),
			ChunkName: "=content_by_lua(inc/b.conf:2)", File: "/p/inc/b.conf", Line: 2, FirstLine: 2}},
	} {
		if !reflect.DeepEqual(*w.got, w.want) {
			t.Errorf("got %+v\nwant %+v", *w.got, w.want)
		}
	}
	if l := s.findPrefix([]byte("/")).Log; l.Source != nil || l.Path.IsConst() || l.ChunkName != "" || !l.IsFile {
		t.Errorf("a file named by variables: %+v", l)
	}
	if l := s.findPrefix([]byte("/b")).Content; l.ReadErr == nil || l.Source != nil || l.Path.Source != "/p/missing.lua" {
		t.Errorf("a missing file: %+v", l)
	}
}

// TestChunkName holds names that Debian's module gives, seen in its error log.
func TestChunkName(t *testing.T) {
	l := &loader{cfg: &Config{ConfPrefix: "/tmp/moon/r/"}}
	for _, c := range []struct{ tag, file, want string }{
		{"init_by_lua", "/x/y/nginx.conf", "=init_by_lua(nginx.conf:5)"},
		{"init_worker_by_lua", "/tmp/moon/r/sub/a.conf", "=init_worker_by_lua(sub/a.conf:5)"},
		{"init_worker_by_lua", "/srv/r/sub/a.conf", "=init_worker_by_lua(/srv/r/sub/a.conf:5)"},
		{"init_worker_by_lua", "/tmp/moon/r/sub/averylongdirectorynameforchunks/abcdefgh.conf",
			"=init_worker_by_lua(...rectorynameforchunks/abcdefgh.conf:5)"},
		{"init_worker_by_lua", "/srv/sub/averylongdirectorynameforchunks/abcdefgh.conf",
			"=init_worker_by_lua(...rectorynameforchunks/abcdefgh.conf:5)"},
	} {
		if got := l.chunkName(c.tag, c.file, 5); got != c.want {
			t.Errorf("%s: got %s, want %s", c.file, got, c.want)
		}
	}
}

func TestSocketsAndAddresses(t *testing.T) {
	h := loadHTTP(t, `
		server { listen 8080; server_name wild; }
		server { listen 127.0.0.1:8080; server_name home; }
		server { listen 127.0.0.2:8080 bind backlog=7 reuseport; server_name own; }
		server { listen [::]:8080 ipv6only=off; listen [::1]:8080; listen unix:/a.sock; listen unix:/b.sock; server_name six; }
		server { listen localhost:9000-9001; }
		server { }`)
	var got []string
	for _, s := range h.Sockets {
		var keys []string
		for _, a := range s.Addresses {
			keys = append(keys, a.Key)
		}
		got = append(got, s.Key+" <- "+strings.Join(keys, " "))
	}
	want := []string{
		"127.0.0.2:8080 <- 127.0.0.2:8080",
		"0.0.0.0:8080 <- 127.0.0.1:8080 0.0.0.0:8080",
		"[::]:8080 <- [::1]:8080 [::]:8080",
		"unix:/a.sock <- unix:/a.sock",
		"unix:/b.sock <- unix:/b.sock",
		"127.0.0.1:9000 <- 127.0.0.1:9000",
		"[::1]:9000 <- [::1]:9000",
		"127.0.0.1:9001 <- 127.0.0.1:9001",
		"[::1]:9001 <- [::1]:9001",
		"0.0.0.0:80 <- 0.0.0.0:80",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	own := h.Sockets[0]
	if !own.ReusePort || own.Backlog != 7 || own.RcvBuf != -1 || !own.Bind || !own.IPv6Only {
		t.Errorf("options %+v", own.SocketOptions)
	}
	if six := h.Sockets[2]; six.IPv6Only || six.Backlog != 511 {
		t.Errorf("options %+v", six.SocketOptions)
	}
	shared := h.Sockets[1]
	if !shared.NeedsLocal() || own.NeedsLocal() {
		t.Error("NeedsLocal")
	}
	for local, key := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", "127.0.0.2:8080": "0.0.0.0:8080", "10.0.0.1:8080": "0.0.0.0:8080",
	} {
		if a := shared.Address(netip.MustParseAddrPort(local)); a.Key != key {
			t.Errorf("%s belongs to %s, want %s", local, a.Key, key)
		}
	}
	s := h.Servers[3]
	if len(s.Listens) != 4 || s.Listens[2].Network != "unix" || s.Listens[2].Path != "/a.sock" || s.Listens[0].Address == nil {
		t.Errorf("listens %+v", s.Listens)
	}
}

func TestServerFor(t *testing.T) {
	h := loadHTTP(t, `
		server { listen 80; server_name First.Example; }
		server { listen 80 default_server; listen 81; server_name second "" $hostname; }
		server { listen 80; server_name third second; }`)
	for _, c := range []struct{ key, host, want string }{
		{"0.0.0.0:80", "first.example", "first.example"},
		{"0.0.0.0:80", "FIRST.example", "first.example"},
		{"0.0.0.0:80", "third", "third"},
		{"0.0.0.0:80", "second", "second"},
		{"0.0.0.0:80", "me.example", "second"},
		{"0.0.0.0:80", "", "second"},
		{"0.0.0.0:80", "unknown", "second"},
		{"0.0.0.0:80", strings.Repeat("x", 1000), "second"},
		{"0.0.0.0:81", "first.example", "second"},
	} {
		if s := h.ServerFor([]byte(c.key), []byte(c.host), nil); s == nil || s.Name != c.want {
			t.Errorf("%s %s: got %+v, want %s", c.key, c.host, s, c.want)
		}
	}
	if h.ServerFor([]byte("1.2.3.4:80"), nil, nil) != nil {
		t.Error("an address that isn't there has a server")
	}
	key, host := []byte("0.0.0.0:80"), []byte("FIRST.example")
	if n := testing.AllocsPerRun(100, func() { h.ServerFor(key, host, nil) }); n != 0 {
		t.Errorf("ServerFor allocates %v times", n)
	}
	sock, local := h.Sockets[0], netip.MustParseAddrPort("10.0.0.1:80")
	if n := testing.AllocsPerRun(100, func() { sock.Address(local) }); n != 0 {
		t.Errorf("Address allocates %v times", n)
	}
}

func TestType(t *testing.T) {
	l := loadHTTP(t, "types { text/html html; a/b B c; } default_type d/d; server { }").Servers[0].Loc
	for path, want := range map[string]string{
		"/a.html": "text/html", "/a.HTML": "text/html", "/a.b": "a/b", "/a.C": "a/b", "/x/.html": "d/d", "/.html": "d/d",
		"/a.b/c": "d/d", "/a": "d/d", "/a.": "d/d", "": "d/d", "/": "d/d", "/a." + strings.Repeat("x", 100): "d/d", "/a.html.c": "a/b",
	} {
		if got := l.Type([]byte(path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	path := []byte("/some/index.HTML")
	if n := testing.AllocsPerRun(100, func() { l.Type(path) }); n != 0 {
		t.Errorf("Type allocates %v times", n)
	}
}

func TestTimes(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		text    string
		seconds bool
		want    time.Duration // -1: refused
	}{
		{"0", false, 0}, {"75", false, 75 * time.Second}, {"75s", false, 75 * time.Second}, {"1m", false, time.Minute},
		{"1m30s", false, 90 * time.Second}, {"1h 30m", false, 90 * time.Minute}, {"500ms", false, time.Second / 2},
		{"1d", false, day}, {"1w", false, 7 * day}, {"1w2d3h4m5s6ms", false, 9*day + 3*time.Hour + 4*time.Minute + 5*time.Second + 6*time.Millisecond},
		{"5 6", false, 11 * time.Second}, {"1M", false, -1}, {"1y", false, -1}, {"1M", true, 30 * day}, {"1y1M", true, 395 * day},
		{"10ms", true, -1}, {"", false, -1}, {" ", false, -1}, {"s", false, -1}, {"1s1m", false, -1}, {"1m1m", false, -1},
		{"-1", false, -1}, {"1x", false, -1}, {"1.5s", false, -1}, {"5 6s", false, -1}, {"5 6 ", false, -1},
		{"9223372036854775807", true, -1},
		{"9223372036854775", true, 9223372036854 * time.Millisecond}, // beyond a Duration: its largest whole millisecond
	} {
		got, ok := parseTime(c.text, c.seconds)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("%q seconds=%v: got %v, want %v", c.text, c.seconds, got, c.want)
		}
	}
}

// TestTableAgreesWithInventory compares the rows with nginx's own tables.
func TestTableAgreesWithInventory(t *testing.T) {
	own := map[string]bool{"worker_hang_timeout": true, "worker_confine": true, "worker_write_path": true, "http_strict": true, "lua_cpu_budget": true, "lua_memory_limit": true,
		"lua_shared_dict": true} // persist= is ours
	for i := range rows {
		r := &rows[i]
		if own[r.name] || r.in == 0 || r.in == inAny {
			continue
		}
		var in context
		args := args(0)
		for _, known := range table()[r.name] {
			if known.do == nil && known.in&r.in != 0 {
				in |= known.in & (inMain | inEvents | inHTTP | inServer | inLocation | inUpstream | inIf | inLimitExcept)
				args = known.args
			}
		}
		if in != r.in || args != r.args {
			t.Errorf("%s: contexts %b, arguments %b; nginx has %b and %b", r.name, r.in, r.args, in, args)
		}
	}
	for name, known := range table() {
		for _, r := range known {
			if r.in == 0 && r.do != nil || r.args == 0 {
				t.Errorf("%s: contexts %b, arguments %b", name, r.in, r.args)
			}
		}
	}
}
