package proxy

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fill sets everything in v that can be set to something that is not its zero value.
func fill(v reflect.Value, depth int) {
	if depth > 8 {
		return
	}
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // unexported fields too
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(7)
	case reflect.String:
		v.SetString("seven")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 5))
		for i := range 3 {
			fill(v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	}
}

// differ compares a request that was reset with a new one. Slices may keep their memory, not their length.
func differ(t *testing.T, path string, got, want reflect.Value) {
	switch path {
	case "Request.Worker", "Request.entry", "Request.life", "Request.ctx", "Request.timer", "Request.file.fd": // released, not reset; see release
		return
	case "Request.parser.Limits.HeaderBuffer", "Request.parser.Limits.LargeBuffers", "Request.parser.Limits.LargeSize", "Request.parser.Limits.Headers",
		"Request.parser.Strict", "Request.parser.Underscores", "Request.parser.KeepInvalid", "Request.body.chunks.TrailerMax": // settings
		return
	}
	if strings.HasPrefix(path, "Request.Head.") && (strings.HasSuffix(path, ".first") || strings.HasSuffix(path, ".hostBuf") || strings.HasSuffix(path, ".baseCap")) {
		return // h1's own, without meaning after its Reset
	}
	switch got.Kind() {
	case reflect.Struct:
		for i := range got.NumField() {
			differ(t, path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i))
		}
	case reflect.Slice:
		if got.Len() != want.Len() {
			t.Errorf("%s has length %d after reset, %d when new", path, got.Len(), want.Len())
		}
	case reflect.Array:
		for i := range got.Len() {
			differ(t, path, got.Index(i), want.Index(i))
		}
	case reflect.Pointer, reflect.Interface, reflect.Func, reflect.Map:
		if got.IsNil() != want.IsNil() {
			t.Errorf("%s is nil: %v after reset, %v when new", path, got.IsNil(), want.IsNil())
		}
	default:
		if !got.Equal(want) {
			t.Errorf("%s is %v after reset, %v when new", path, got, want)
		}
	}
}

func TestResetMakesARequestNew(t *testing.T) {
	var used, fresh Request
	fill(reflect.ValueOf(&used).Elem(), 0)
	used.file.fd = 0 // a real descriptor would be closed
	used.timer = fresh.timer
	used.reset()
	fresh.reset()
	differ(t, "Request", reflect.ValueOf(&used).Elem(), reflect.ValueOf(&fresh).Elem())
}

func TestResetGivesLargeMemoryBack(t *testing.T) {
	var r Request
	r.reset()
	r.out, r.body.buf, r.head = make([]byte, 1<<20), make([]byte, 1<<20), make([]byte, 1<<20)
	r.headers.buf = make([]byte, 1<<20)
	r.reset()
	if n := cap(r.out) + cap(r.body.buf) + cap(r.head) + cap(r.headers.buf); n > 0 {
		t.Errorf("%d bytes kept", n)
	}
}

func TestPoisonMarksFinishedRequests(t *testing.T) {
	var r Request
	r.reset()
	r.path = append(r.pathBuf, "/secret"...)
	r.pathBuf = r.path
	r.body.buf = append(r.body.buf, "secret"...)
	path, body := r.path, r.body.buf
	r.poison()
	if strings.Contains(string(path)+string(body), "secret") || path[0] != 0xDB {
		t.Errorf("after poisoning: %q %q", path, body)
	}
}

// inline is a worker whose loop turns in the test's goroutine, with one client connected.
type inline struct {
	w      *Worker
	client int
	buf    []byte
}

func newInline(t testing.TB, text string) *inline {
	t.Helper()
	runtime.LockOSThread()
	fd, port := listen(t)
	w, err := NewWorker(Options{Conf: load(t, t.TempDir(), text, port), Sockets: []int{fd}, OpenAPI: openTestAPI})
	if err != nil {
		t.Fatal(err)
	}
	c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(c, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.SetNonblock(c, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Close(c)
		w.Close()
		runtime.UnlockOSThread()
	})
	return &inline{w, c, make([]byte, 1<<16)}
}

// exchange sends a request and turns the loop until a response is here.
func (in *inline) exchange(t testing.TB, request []byte) []byte {
	if _, err := unix.Write(in.client, request); err != nil {
		t.Fatal(err)
	}
	for {
		if err := in.w.Ring.Run(); err != nil {
			t.Fatal(err)
		}
		n, err := unix.Read(in.client, in.buf)
		if err == nil {
			return in.buf[:n]
		}
		if err != unix.EAGAIN {
			t.Fatal(err)
		}
	}
}

func TestRequestsAllocateNothing(t *testing.T) {
	const text = `server { listen LISTEN; keepalive_requests 1000000; default_type text/plain;
		location = /return { return 200 "hi"; }
		location = /vars { return 200 "$uri|$args|$arg_a|$remote_addr|$http_user_agent|$host|$status"; }
		location = /404 { return 404; }
		location = /redirect { return 302 /x?$args; }
		location = /hello { content_by_lua 'say("hello")'; }
		location = /three { access_by_lua 'header("X-Uri", var("uri"))'; content_by_lua 'say(var("remote_addr"))'; log_by_lua 'local s = status()'; }
		location = /body { content_by_lua 'body() say("got it")'; }
		location = /exit { access_by_lua 'exit(403)'; }
		location = /sleep { content_by_lua 'sleep(0.001) say("slept")'; }
		location /files/ { root .; }
		location ~ ^/users/(\d+)/(?<rest>.*)$ { return 200 "$1 $rest"; }
		location /old/ { set $kept "$arg_a"; if ($arg_a ~ ^(x)y) { set $kept "$1"; } rewrite ^/old/(.*)$ /new/$1?k=$kept last; }
		location /new/ { return 200 "$uri $args"; }
		location /gone { error_page 410 = @named; return 410; }
		location @named { return 200 "named $uri"; }
		location /try/ { root .; try_files /none$uri /new/tried; }
	}
	server { listen LISTEN; server_name ~^(?<sub>\w+)\.pattern\.test$ *.star.test; return 200 "sub $sub"; }
	map $arg_a $mapped { default "none"; ~^x "ex"; one 1; }
	server { listen LISTEN; server_name map.test; return 200 "mapped $mapped"; }`
	for name, tt := range map[string]struct{ request, want string }{
		"return":             {get("/return", "User-Agent: x", "Accept: */*"), "\r\n\r\nhi"},
		"return, variables":  {get("/vars?a=b&c", "User-Agent: x"), "/vars|a=b&c|b|127.0.0.1|x|h.test|200"},
		"a page":             {get("/404"), "404 Not Found"},
		"a redirect":         {get("/redirect?a"), "/x?a"},
		"Lua":                {get("/hello", "User-Agent: x", "Accept: */*"), "\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n"},
		"Lua, three phases":  {get("/three", "User-Agent: x"), "X-Uri: /three\r\n"},
		"Lua with a body":    {post("/body", "0123456789"), "got it"},
		"Lua, refused":       {get("/exit"), "403 Forbidden"},
		"Lua, after a sleep": {get("/sleep"), "slept"},
		"a file":             {get("/files/small.txt"), "\r\n\r\na file\n"},
		"a file, unchanged":  {get("/files/small.txt", "If-None-Match: *"), "304 Not Modified"},
		"a pattern":          {get("/users/12/x"), "\r\n\r\n12 x"},
		"a rewrite":          {get("/old/p?a=xyz"), "/new/p k=x&a=xyz"},
		"a named location":   {get("/gone"), "named /gone"},
		"try_files":          {get("/try/x"), "/new/tried"},
		"a host's pattern":   {strings.Replace(get("/"), "h.test", "joe.pattern.test", 1), "sub joe"},
		"a host's asterisk":  {strings.Replace(get("/"), "h.test", "joe.star.test", 1), "sub "},
		"a map":              {strings.Replace(get("/?a=one"), "h.test", "map.test", 1), "mapped 1"},
		"a map's pattern":    {strings.Replace(get("/?a=xx"), "h.test", "map.test", 1), "mapped ex"},
		"an escaped path":    {get("/%72eturn"), "\r\n\r\nhi"},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInline(t, text)
			(&bench{t: t, prefix: in.w.Conf.Prefix}).file("files/small.txt", "a file\n")
			request := []byte(tt.request)
			if got := string(in.exchange(t, request)); !strings.Contains(got, tt.want) {
				t.Fatalf("got %q, want %q in it", got, tt.want)
			}
			for range 100 {
				in.exchange(t, request)
			}
			if n := testing.AllocsPerRun(300, func() { in.exchange(t, request) }); n != 0 {
				t.Errorf("%v allocations per request", n)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	b := start(t, `server { listen LISTEN; server_name srv.test; root www; location / { content_by_lua '
		for name in var("arg_names"):gmatch("[^,]+") do local v = var(name) echo(name, "=", v == nil and "nil" or "[" .. v .. "]", " ") end say()'; } }`)
	c := b.dial()
	for _, tt := range []struct{ name, names, request, want string }{
		{"cookies", "cookie_a,cookie_b,cookie_c,cookie_none,http_cookie", "Cookie: a=1; B = two ;x\r\nCookie: c=\r\n", "cookie_a=[1] cookie_b=[two ] cookie_c=[] cookie_none=nil http_cookie=[a=1; B = two ;x; c=] "},
		{"credentials", "remote_user", "Authorization: Basic YWxhZGRpbjpvcGVu\r\n", "remote_user=[aladdin] "},
		{"bad credentials", "remote_user", "Authorization: Basic ???\r\n", "remote_user=nil "},
		{"forwarded", "http_x_forwarded_for", "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n", "http_x_forwarded_for=[1.1.1.1, 2.2.2.2] "},
		{"headers by underscores", "http_x_a_b,http_x_a_c", "X-A-B: v\r\n", "http_x_a_b=[v] http_x_a_c=nil "},
		{"arguments", "arg_x,arg_y,arg_z", "", "arg_x=nil arg_y=[] arg_z=nil "},
		{"unknown ones", "no_such,arg_,http_", "", "no_such=nil arg_=nil http_=nil "},
		{"counters", "connection_requests,bytes_sent,body_bytes_sent,pipe", "", ""},
		{"files", "document_root,request_filename", "", "document_root=[PREFIX/www] request_filename=[PREFIX/www/p] "},
		{"server", "server_name,host,https,scheme,request_completion", "", "server_name=[srv.test] host=[h.test] https=[] scheme=[http] request_completion=[] "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.send("GET /p?names=" + tt.names + "&X&y=&Z HTTP/1.1\r\nHost: h.test\r\n" + tt.request + "\r\n")
			r := c.reply("GET")
			want := strings.ReplaceAll(tt.want, "PREFIX", b.prefix)
			if r.StatusCode != 200 || want != "" && r.body != want+"\n" {
				t.Errorf("got %q\nwant %q", r.body, want)
			}
		})
	}
	for name := range varNames {
		t.Run(name, func(t *testing.T) {
			c := b.dial()
			c.send(get("/p?names=" + name))
			if r := c.reply("GET"); r.StatusCode != 200 || !strings.HasPrefix(r.body, name+"=") {
				t.Errorf("got %s %q", r.Status, r.body)
			}
		})
	}
	t.Run("times", func(t *testing.T) {
		c.send(get("/p?names=msec,time_iso8601,time_local,request_time,request_id"))
		r := c.reply("GET")
		fields := strings.Fields(r.body)
		if len(fields) != 6 || len(fields[0]) < len("msec=[1700000000.123]") || !strings.HasPrefix(fields[1], "time_iso8601=[20") ||
			len(fields[5]) != len("request_id=[]")+32 {
			t.Errorf("got %q", r.body)
		}
	})
}

func TestKnownVariable(t *testing.T) {
	for name, want := range map[string]bool{"uri": true, "arg_x": true, "arg_": false, "http_x": true, "sent_http_x": true, "upstream_addr": true, "upstream_http_x": true, "ssl_cipher": false, "": false} {
		if KnownVariable(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestSetVar(t *testing.T) {
	r := Request{Worker: &Worker{}}
	r.reset()
	if err := r.SetVar([]byte("args"), []byte("a=1")); err != nil || string(r.Args()) != "a=1" {
		t.Errorf("args: %v, %q", err, r.Args())
	}
	if err := r.SetVar([]byte("uri"), nil); err != ErrVarFixed {
		t.Errorf("uri: %v", err)
	}
	for _, name := range []string{"nonesuch", "arg_x", "http_x"} {
		if err := r.SetVar([]byte(name), nil); err != ErrVarUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResponseHeaders(t *testing.T) {
	list := func(r *Request) string { return string(r.headers.appendTo(nil)) }
	set := func(r *Request, name, value string) { r.SetHeader([]byte(name), []byte(value)) }
	add := func(r *Request, name, value string) { r.AddHeader([]byte(name), []byte(value)) }
	for _, tt := range []struct {
		name string
		do   func(r *Request)
		want string
	}{
		{"set and set again: the first place and spelling stay", func(r *Request) { set(r, "X-A", "1"); set(r, "X-B", "2"); set(r, "x-a", "3") }, "X-A: 3\r\nX-B: 2\r\n"},
		{"a single header takes the new spelling", func(r *Request) { set(r, "ETag", "1"); set(r, "etag", "3") }, "etag: 3\r\n"},
		{"several values", func(r *Request) { set(r, "X", "1"); add(r, "x", "2"); add(r, "X", "3") }, "X: 1\r\nx: 2\r\nX: 3\r\n"},
		{"setting replaces them all", func(r *Request) { add(r, "X", "1"); add(r, "Y", "2"); add(r, "X", "3"); set(r, "X", "4") }, "X: 4\r\nY: 2\r\n"},
		{"an empty value removes", func(r *Request) { add(r, "X", "1"); add(r, "X", "3"); set(r, "X", "") }, ""},
		{"a header that can be there once", func(r *Request) { add(r, "Location", "/a"); add(r, "location", "/b") }, "location: /b\r\n"},
		{"no line can be forged", func(r *Request) { set(r, "A\r\nB", "c\r\nD: e\x00") }, "A%0D%0AB: c%0D%0AD: e%00\r\n"},
		{"a colon in a name", func(r *Request) { set(r, "A: b", "c"); set(r, "A: b", "d") }, "A%3A%20b: d\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r Request
			r.reset()
			tt.do(&r)
			if got := list(&r); got != tt.want && tt.name != "a colon in a name" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("reading", func(t *testing.T) {
		var r Request
		r.reset()
		add(&r, "X", "1")
		add(&r, "Y", "2")
		add(&r, "x", "3")
		set(&r, "Content-Type", "text/x")
		var got []string
		for v, i, ok := r.NextHeader([]byte("X"), 0); ok; v, i, ok = r.NextHeader([]byte("X"), i) {
			got = append(got, string(v))
		}
		if strings.Join(got, " ") != "1 3" {
			t.Errorf("X: %q", got)
		}
		if v, i, ok := r.NextHeader([]byte("content-type"), 0); !ok || string(v) != "text/x" {
			t.Errorf("content-type: %q", v)
		} else if _, _, ok := r.NextHeader([]byte("content-type"), i); ok {
			t.Error("two content types")
		}
		if _, _, ok := r.NextHeader([]byte("Z"), 0); ok {
			t.Error("Z found")
		}
	})
	t.Run("their size is bounded", func(t *testing.T) {
		var r Request
		r.reset()
		big := make([]byte, 100<<10)
		if !r.SetHeader([]byte("a"), big) || r.AddHeader([]byte("b"), make([]byte, 200<<10)) {
			t.Error("wrong bound")
		}
	})
}

func TestKnownHeaders(t *testing.T) {
	for k, name := range knownNames {
		if name != "" && knownHeaderOf([]byte(strings.ToUpper(name))) != knownHeader(k) {
			t.Errorf("%s is not known", name)
		}
	}
	for _, name := range []string{"", "x", "content-typo", strings.Repeat("x", 100)} {
		if knownHeaderOf([]byte(name)) != headerPlain {
			t.Errorf("%q is known", name)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	for name, path := range map[string]string{"return": "/return", "hello": "/hello", "file": "/files/1k"} {
		b.Run(name, func(b *testing.B) {
			in := newInline(b, `server { listen LISTEN; keepalive_requests 100000000; location = /return { return 200 "hi"; }
				location = /hello { content_by_lua 'say("hello")'; } location /files/ { root .; } }`)
			(&bench{t: b, prefix: in.w.Conf.Prefix}).file("files/1k", strings.Repeat("x", 1024))
			request := []byte(get(path))
			b.ReportAllocs()
			for b.Loop() {
				in.exchange(b, request)
			}
		})
	}
}
