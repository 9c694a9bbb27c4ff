package api

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// requestCase runs code in a request.
type requestCase struct {
	target string // "/" unless given
	code   string
	want   string // body, without the last line end
	status int    // 200 unless given
	header string // "Name: value" the response must have; "-Name" one it must not have
	log    string // text the log must have
}

func runCases(t *testing.T, cases []requestCase, headers ...string) {
	s := serve(t, runner)
	for _, c := range cases {
		if c.target == "" {
			c.target = "/"
		}
		if c.status == 0 {
			c.status = 200
		}
		before := len(s.log())
		resp, body := s.do("POST", c.target, c.code, headers...)
		if body = strings.TrimSuffix(body, "\n"); body != c.want && c.want != "*" || resp.StatusCode != c.status {
			t.Errorf("%s %s\n got %d %q\nwant %d %q", c.target, c.code, resp.StatusCode, body, c.status, c.want)
		}
		if name, absent := strings.CutPrefix(c.header, "-"); absent {
			if v := resp.Header.Values(name); v != nil {
				t.Errorf("%s: header %s is %q", c.code, name, v)
			}
		} else if c.header != "" {
			name, value, _ := strings.Cut(c.header, ": ")
			if v := strings.Join(resp.Header.Values(name), ", "); v != value {
				t.Errorf("%s: header %s is %q, want %q", c.code, name, v, value)
			}
		}
		if c.log != "" && !strings.Contains(s.log()[before:], c.log) {
			t.Errorf("%s: no %q in\n%s", c.code, c.log, s.log()[before:])
		}
	}
	if strings.Contains(s.log(), "panic") {
		t.Error(s.log())
	}
}

func TestOutput(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.say("a", 1, nil, true, false, ngx.null, {"x", {2, {"y"}}, true})`, want: "a1niltruefalsenullx2ytrue"},
		{code: `ngx.say(0/0, " ", -0.0, " ", 1/0, " ", -1/0, " ", 2^31, " ", -2^31, " ", 1e14, " ", 123456789012345, " ", 2^53, " ", 0.1, " ", 1e-7, " ", -1.5e300, " ", 2^31 + 0.5, " ", 1/3)`,
			want: "-nan 0 inf -inf 2147483648 -2147483648 1e+14 1.2345678901234e+14 9.007199254741e+15 0.1 1e-07 -1.5e+300 2147483648.5 0.33333333333333"},
		{code: `ngx.say({"a", nil, "c"})`, want: "anilc"},
		{code: `ngx.print() ngx.print("") ngx.print({}, "")`, want: ""},
		{code: `ngx.say(ngx.say("x"))`, want: "x\n1"},
		{code: `ngx.say(pcall(ngx.say, "x", print))`, want: "falsebad argument #2 to '?' (string, number, boolean, nil, ngx.null, or array table expected, but got function)"},
		{code: `ngx.say(pcall(ngx.say, {a = 1})) ngx.say(pcall(ngx.say, {[0] = 1})) ngx.say(pcall(ngx.say, {[1.5] = 1}))`,
			want: "falsebad argument #1 to '?' (non-array table found)\nfalsebad argument #1 to '?' (non-array table found)\nfalsebad argument #1 to '?' (non-array table found)"},
		{code: `ngx.say(pcall(ngx.say, {"x", print}))`, want: "falsebad argument #1 to '?' (bad data type function found)"},
		{code: `local t = {} t[1] = t ngx.say(pcall(ngx.say, t))`, want: "falsebad argument #1 to '?' (tables nested too deeply)"},
		{code: `ngx.say(select(2, pcall(function() ngx.say(io.stdout) end)))`,
			want: "t:1: bad argument #1 to 'say' (string, number, boolean, nil, ngx.null, or array table expected, but got userdata)"},
		{code: `ngx.print(("x"):rep(100000)) ngx.say(#ngx.var.uri)`, want: strings.Repeat("x", 100000) + "1"},

		{code: `ngx.say(select(2, pcall(ngx.flush, 1)), select(2, ngx.flush(true)), select(2, ngx.flush())) ngx.say(ngx.flush(), ngx.flush(true))`,
			want: "bad argument #1 to '?' (boolean expected, got number)nothing to flushnothing to flush\n11"},
		{code: `ngx.say(pcall(ngx.flush, true, 1))`, want: "falseattempt to pass 2 arguments, but accepted 0 or 1"},
		{code: `ngx.print(ngx.headers_sent) ngx.send_headers() ngx.say(ngx.headers_sent)`, want: "falsetrue"},
		{code: `ngx.print("x") ngx.eof() ngx.log(ngx.WARN, "after: ", select(2, ngx.say("y")), ", ", select(2, ngx.eof()), ", ", select(2, ngx.flush()))`,
			want: "x", log: "[lua] t:1: after: seen eof, seen eof, seen eof"},
		{code: `ngx.print("x") ngx.eof() ngx.sleep(0.01) ngx.log(ngx.WARN, "still here")`, want: "x"},
		{code: `ngx.ctx.log = function() ngx.log(ngx.ERR, select(2, pcall(ngx.say, "x")), "; ", select(2, pcall(ngx.exit, 0))) end`,
			log: "[lua] t:1: log(): API disabled in the context of log_by_lua*; API disabled in the context of log_by_lua* while logging request"},
		{code: `for i = 1, 300 do ngx.say(("line %d "):format(i):rep(100)) ngx.flush(true) end`, want: "*"},
	})
}

func TestHeadAndOldClients(t *testing.T) {
	s := serve(t, runner)
	code := `local a, b = ngx.say("x") local c, d = ngx.say("y") ngx.log(ngx.WARN, "said: ", a, " ", b, " ", c, " ", d, " ", (select(2, ngx.flush())))`
	if resp, body := s.do("HEAD", "/", code); body != "" || resp.StatusCode != 200 {
		t.Errorf("HEAD: %d %q", resp.StatusCode, body)
	}
	if !strings.Contains(s.log(), "said: 1 nil nil header only header only") {
		t.Error(s.log())
	}
	resp, body := s.do("1.0 POST", "/", `ngx.print("x") ngx.print(select(2, ngx.flush(true)))`)
	if body != "xbuffering" || resp.ContentLength != 10 {
		t.Errorf("HTTP/1.0: %q, length %d", body, resp.ContentLength)
	}
	if _, body = s.do("1.0 POST", "/", `ngx.print(ngx.req.http_version())`); body != "1" {
		t.Errorf("HTTP/1.0 has the version %q", body)
	}
}

func TestHeaders(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.header.x_under_score = "v" ngx.print(ngx.header["X-Under-Score"], ngx.header.x_under_score)`, want: "vv", header: "X-Under-Score: v"},
		{code: `ngx.header["X-A"] = {1, 2.5, true} ngx.print(type(ngx.header["x-a"]), ngx.header["X-A"][3])`, want: "tabletrue", header: "X-A: 1, 2.5, true"},
		{code: `local t = {1} ngx.header.x = t ngx.print(type(t[1]))`, want: "string"},
		{code: `ngx.header.x = "1" ngx.header.X = "2" ngx.print(ngx.header.x)`, want: "2", header: "X: 2"},
		{code: `ngx.header.x = "1" ngx.header.x = nil ngx.print(tostring(ngx.header.x))`, want: "nil", header: "-X"},
		{code: `ngx.header.x = "1" ngx.header.x = {} ngx.print(tostring(ngx.header.x))`, want: "nil", header: "-X"},
		{code: `ngx.header.x = "1" ngx.header.x = "" ngx.print(tostring(ngx.header.x))`, want: "nil", header: "-X"},
		{code: `ngx.header.x = 42 ngx.print(type(ngx.header.x))`, want: "string", header: "X: 42"},
		{code: `ngx.header[1] = setmetatable({}, {__tostring = function() return "z" end}) ngx.print(tostring(ngx.header["1"]))`, want: "nil"},
		{code: `ngx.header[1] = true ngx.print(ngx.header["1"])`, want: "true", header: "1: true"},
		{code: `ngx.header["X-S"] = "a\r\nX-In: 1" ngx.print("k")`, want: "k", header: "X-S: a%0D%0AX-In: 1"},
		{code: `ngx.header["X-S"] = "a\r\nX-In: 1" ngx.print("k")`, want: "k", header: "-X-In"},
		{code: `ngx.header[""] = "x" ngx.header[""] = {"x"} ngx.print(tostring(ngx.header[""]))`, want: "nil", header: "-"},
		{code: `ngx.header.content_type = "a/b" ngx.print(ngx.header.content_type, ngx.header["Content-Type"])`, want: "a/ba/b", header: "Content-Type: a/b"},
		{code: `ngx.header.last_modified = "Sunday, 06-Nov-94 08:49:37 GMT" ngx.print(ngx.header["Last-Modified"])`, want: "Sun, 06 Nov 1994 08:49:37 GMT"},
		{code: `ngx.header.last_modified = "never" ngx.print(tostring(ngx.header["Last-Modified"]))`, want: "nil"},
		{code: `ngx.header.content_length = 3 ngx.print("abc")`, want: "abc", header: "Content-Length: 3"},
		{code: `ngx.print(pcall(function() ngx.header.content_length = "abc" end))`, want: "falset:1: failed to set header"},
		{code: `ngx.header["Set-Cookie"] = {"a=1", "b=2"} ngx.print(#ngx.header.set_cookie)`, want: "2", header: "Set-Cookie: a=1, b=2"},
		{code: `ngx.print("x") ngx.header.late = 1`, want: "x", log: "attempt to set ngx.header.HEADER after sending out response headers", header: "-Late"},
		{code: `ngx.print("x") ngx.header.late = {1}`, want: "x", log: "attempt to set ngx.header.HEADER after sending out response headers"},
		{code: `ngx.header.a = "x" ngx.header.B = {"1", "2"} ngx.header.content_type = "a/b"
			local h, e = ngx.resp.get_headers() local t = {}
			for k, v in pairs(h) do t[#t+1] = k .. "=" .. (type(v) == "table" and table.concat(v, "+") or v) end table.sort(t)
			ngx.print(table.concat(t, "|"), " ", tostring(e), " ", h.content_type, " ", h.A)`,
			want: "a=x|b=1+2|connection=keep-alive|content-type=a/b nil a/b x"},
		{code: `for i = 1, 9 do ngx.header["x" .. i] = i end local h, e = ngx.resp.get_headers(5) local n = 0 for _ in pairs(h) do n = n + 1 end ngx.print(n, e)`, want: "5truncated"},
	})
}

func TestStatusAndCtx(t *testing.T) {
	runCases(t, []requestCase{
		{code: `local a = ngx.status ngx.status = 404 ngx.print(a, " ", ngx.status) ngx.status = 500 ngx.print(" ", ngx.status)`, want: "0 404 404", status: 404,
			log: "attempt to set ngx.status after sending out response headers"},
		{code: `ngx.status = "201" ngx.print(type(ngx.status))`, want: "number", status: 201},
		{code: `ngx.status = 99 ngx.print(ngx.status)`, want: "0", log: "invalid HTTP status code 99"},
		{code: `ngx.status = 1000 ngx.print(ngx.status)`, want: "0", log: "invalid HTTP status code 1000"},
		{code: `ngx.print(pcall(function() ngx.status = "abc" end))`, want: "falset:1: bad status: number expected, got string"},
		{code: `ngx.status = 304 ngx.header.etag = "x" ngx.say("no body")`, status: 304, header: "-Content-Type"},
		{code: `ngx.ctx.log = function() ngx.log(ngx.WARN, "sent ", ngx.var.body_bytes_sent) end ngx.print("abcd")`, want: "abcd", log: "sent 14"},
		{code: `ngx.status = 202 ngx.ctx.log = function() ngx.log(ngx.WARN, "status ", ngx.status, " ", ngx.headers_sent) end`, status: 202, log: "status 202 true"},

		{code: `ngx.print(tostring(ngx.ctx.x)) ngx.ctx.x = 1 ngx.print(ngx.ctx.x, ngx.ctx == ngx.ctx) ngx.ctx = {y = 2} ngx.print(tostring(ngx.ctx.x), ngx.ctx.y)`, want: "nil1truenil2"},
		{code: `ngx.print(tostring(ngx.ctx.y))`, want: "nil"},
		{code: `ngx.print(pcall(function() ngx.ctx = 5 end))`, want: "falset:1: ctx should be a table while getting a number"},
		{code: `ngx.print(pcall(function() return ngx.arg[1] end))`, want: "falset:1: API disabled in the current context"},
		{code: `ngx.print(ngx.is_subrequest, ngx.headers_sent, tostring(ngx.nothing)) ngx.mine = 5 ngx.print(ngx.mine, rawget(ngx, "mine")) ngx.mine = nil`, want: "falsefalsenil55"},
		{code: `ngx.print(pcall(function() ngx[nil] = 1 end))`, want: "falset:1: table index is nil"},
		{code: `ngx.print(package.loaded.ngx == ngx, require("ngx") == ngx)`, want: "truetrue"},
		{code: `ngx.say(table.concat(errors_of_init, "|"))`, want: strings.Repeat("no request found|", 6) +
			"init_by_lua(nginx.conf:8):14: no request found|init_by_lua(nginx.conf:8):15: no request found|init_by_lua(nginx.conf:8):16: no request found|init"},
		{code: `ngx.say(table.concat(errors_of_init_worker, "|"))`, want: strings.Repeat("API disabled in the context of init_worker_by_lua*|", 4) +
			strings.Repeat("API disabled in the current context|", 2) +
			"init_by_lua(nginx.conf:8):14: API disabled in the current context|init_by_lua(nginx.conf:8):15: API disabled in the current context|" +
			"init_by_lua(nginx.conf:8):16: API disabled in the current context|init_worker|5"},
	})
}

func TestVariables(t *testing.T) {
	runCases(t, []requestCase{
		{target: "/v?x=1&Y=a%20b", code: `ngx.print(ngx.var.uri, ngx.var.URI, ngx.var.arg_x, ngx.var.arg_y, ngx.var.Arg_X, tostring(ngx.var.arg_z), tostring(ngx.var.no_such))`,
			want: "/v/v1a%20b1nilnil"},
		{code: `ngx.print(tostring(ngx.var[1]), pcall(function() return ngx.var[{}] end))`, want: "nilfalset:1: bad variable name"},
		{code: `ngx.var.args = "x=1" ngx.print(ngx.var.args, ngx.var.query_string, ngx.req.get_uri_args().x)`, want: "x=1x=11"},
		{code: `ngx.print(pcall(function() ngx.var.host = 1 end))`, want: `falset:1: variable "host" not changeable`},
		{code: `ngx.print(pcall(function() ngx.var[1] = 1 end))`, want: `falset:1: bad variable name`},
		{code: `ngx.print(pcall(function() ngx.var.http_x = 1 end))`, want: `falset:1: variable "http_x" not found for writing; maybe it is a built-in variable that is not changeable ` +
			`or you forgot to use "set $http_x '';" in the config file to define it first`},
		{code: `ngx.header.x = "y" ngx.print(ngx.var.sent_http_x, ngx.var.http_a, ngx.var.cookie_c, ngx.var.request_method, ngx.var.server_protocol, ngx.var.https, ".")`,
			want: "yone3POSTHTTP/1.1."},
	}, "A: one", "A: two", "Cookie: c=3")
}

func TestRequest(t *testing.T) {
	list := `local function list(t) local n = {} for k, v in pairs(t) do
		if type(v) == "table" then for i = 1, #v do v[i] = tostring(v[i]) end v = "{" .. table.concat(v, ",") .. "}" end
		n[#n+1] = k .. "=" .. tostring(v) end table.sort(n) return table.concat(n, "|") end `
	runCases(t, []requestCase{
		{code: list + `local h = ngx.req.get_headers() ngx.print(list{h.host, h["X-One"], h.x_one, h["x-one"], h.X_One, #h["x-two"], tostring(h.nope), tostring(h.no_pe)})`,
			want: "1=test|2=1|3=1|4=1|5=1|6=2|7=nil|8=nil"},
		{code: list + `local h, e = ngx.req.get_headers(2) ngx.print(list(h), tostring(e))`, want: "host=test|x-one=1truncated"},
		{code: list + `local h, e = ngx.req.get_headers(3, true) ngx.print(list(h), tostring(h.host), tostring(e))`, want: "Host=test|X-One=1|x-two=aniltruncated"},
		{code: `local h = ngx.req.get_headers() ngx.print(pcall(function() return h[nil] end)) ngx.print(tostring(h[1]))`, want: "falsebad argument #1 to 'lower' (string expected, got nil)nil"},
		{code: `local n = 0 for _ in pairs(ngx.req.get_headers(0)) do n = n + 1 end ngx.print(n)`, want: "4"},
		{target: "/?a=1&b&c=&=d&a=2&%61=3&e=%20+%2B&f=x=y&g=%zz&&h", code: list + `local a, e = ngx.req.get_uri_args() ngx.print(list(a), tostring(e))`,
			want: "a={1,2,3}|b=true|c=|e=  +|f=x=y|g=%zz|h=truenil"},
		{target: "/?a=1&b=2&c=3", code: list + `local a, e = ngx.req.get_uri_args(2) ngx.print(list(a), tostring(e))`, want: "a=1|b=2truncated"},
		{target: "/?=1&=2&c=3&d=4", code: list + `local a, e = ngx.req.get_uri_args(2) ngx.print(list(a), tostring(e))`, want: "c=3|d=4truncated"},
		{target: "/?a=1", code: list + `local t = {9, a = 1, z = 3} ngx.print(ngx.req.get_uri_args(10, t) == t, list(t)) ngx.print(pcall(ngx.req.get_uri_args, 10, 5))`,
			want: "truea=1falsebad argument #2 to '?' (table expected, got number)"},
		{code: list + `ngx.print(list(ngx.req.get_uri_args()))`, want: ""},
		{code: `ngx.print(ngx.req.get_method(), ngx.req.http_version(), ngx.req.is_internal(), ngx.req.start_time() > 1e9, ngx.req.start_time() <= ngx.now())`, want: "POST1.1falsetruetrue"},
		{code: `ngx.print(ndk.set_var.set_escape_uri(" :"), ndk.set_var.set_md5(12), package.loaded.ndk == ndk)`, want: "%20%3Ac20ad4d76fe97759aa27a0c99bff6710true"},
		{code: `ngx.print(select(2, pcall(function() return ndk.set_var.set_none end)))`, want: `t:1: ndk.set_var: directive "set_none" not found or does not use ndk_set_var_value`},
		{code: `ngx.print(select(2, pcall(ndk.set_var.set_decode_hex, "x")))`, want: "calling directive set_decode_hex failed with code -1"},
		{code: `local h = ngx.req.raw_header() ngx.print(h:sub(1, 17), h:sub(-4) == "\r\n\r\n", #h - #ngx.req.raw_header(true))`, want: "POST / HTTP/1.1\r\ntrue17"},
		{code: list + `ngx.print(#ngx.req.get_body_data(), ngx.req.get_body_data(4), tostring(ngx.req.get_body_file())) ngx.req.read_body() ngx.req.discard_body()`, want: "*"},
		{code: list + `--[[&a=1&b=%20&a=2]] ngx.print(ngx.req.get_post_args()["a"][2]:sub(1, 1))`, want: "2"},
		{code: `ngx.print(pcall(ngx.req.read_body, 1)) ngx.print(pcall(ngx.req.get_body_data, 1, 2)) ngx.print(pcall(ngx.req.get_post_args, 1, 2))`,
			want: "falseexpecting 0 arguments but seen 1falseexpecting 0 or 1 arguments but seen 2falseexpecting 0 or 1 arguments but seen 2"},
		{code: `ngx.print(pcall(ngx.req.socket, "a", "b"))`, want: "falseexpecting 0 or 1 argument, but got 2"},
	}, "X-One: 1", "x-two: a", "X-Two: b")
}

func TestControl(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.exit(404)`, want: "*", status: 404},
		{code: `ngx.status = 410 ngx.say("gone") ngx.exit(ngx.HTTP_OK)`, want: "gone", status: 410},
		{code: `ngx.print("x") ngx.exit(404)`, want: "x", log: "attempt to set status 404 via ngx.exit after sending out the response status 200"},
		{code: `pcall(ngx.exit, 403) ngx.say("survived")`, want: "*", status: 403},
		{code: `coroutine.wrap(function() pcall(ngx.exit, 403) end)() ngx.say("survived")`, want: "*", status: 403},
		{code: `ngx.say(pcall(ngx.exit, "404")) ngx.say(pcall(ngx.exit))`, want: "falsebad argument #1 to '?' (number expected, got string)\nfalsebad argument #1 to '?' (number expected, got no value)"},
		{code: `ngx.say(pcall(ngx.exit, -2)) ngx.say(pcall(ngx.exit, -4))`,
			want: "falsebad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE\nfalsebad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE"},
		{target: "/access", code: `ngx.exit(ngx.OK)`, want: "content"},
		{target: "/access", code: `ngx.exit(ngx.DECLINED)`, want: "content"},
		{target: "/access", code: `ngx.say("x") ngx.exit(ngx.DECLINED)`, want: "x\ncontent"},
		{target: "/access", code: `ngx.say("x") ngx.exit(ngx.OK)`, want: "x"},
		{target: "/access", code: `ngx.exit(200)`, want: ""},
		{target: "/access", code: `ngx.exit(204)`, want: "", status: 204},
		{target: "/access", code: `ngx.say("x")`, want: "x"},
		{target: "/access", code: `ngx.exit(401)`, want: "*", status: 401},

		{code: `ngx.redirect("/x y")`, want: "*", status: 302, header: "Location: /x y"},
		{code: `ngx.redirect("http://a/b", 301)`, want: "*", status: 301, header: "Location: http://a/b"},
		{target: "/access", code: `ngx.header.foo = "bar" ngx.redirect("/x", 308)`, want: "*", status: 308, header: "Foo: bar"},
		{code: `ngx.say(pcall(ngx.redirect, "/x\n"))`, want: `falseunsafe byte "0x0a" in redirect uri "/x\x0A"`},
		{code: `ngx.say(pcall(ngx.redirect, "/x", 200)) ngx.say(pcall(ngx.redirect, "/x", 301)) ngx.say(pcall(ngx.redirect))`,
			want: "falseonly ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT, ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed\n" +
				"falseattempt to call ngx.redirect after sending out the headers\nfalseexpecting one or two arguments"},

		{code: `local from = ngx.now() ngx.sleep(0.02) ngx.say(ngx.now() - from >= 0.0195)`, want: "true"},
		{code: `ngx.sleep(0) ngx.say(pcall(ngx.sleep, 0.001)) ngx.say(ngx.sleep("0.001"))`, want: "true\n"},
		{code: `ngx.say(pcall(ngx.sleep)) ngx.say(pcall(ngx.sleep, -1)) ngx.say(pcall(ngx.sleep, {})) ngx.say(pcall(ngx.sleep, 1, 2))`,
			want: "falseattempt to pass 0 arguments, but accepted 1\nfalseinvalid sleep duration \"-1000\"\nfalsebad argument #1 to '?' (number expected, got table)\nfalseattempt to pass 2 arguments, but accepted 1"},
		{code: `ngx.say(pcall(string.gsub, "a", "a", function() ngx.sleep(0.001) end))`, want: "falset:1: attempt to yield across C-call boundary"},
		{code: `ngx.ctx.log = function() ngx.log(ngx.ERR, select(2, pcall(ngx.sleep, 0))) end`, log: "API disabled in the context of log_by_lua*"},
		{code: `ngx.say(pcall(ngx.on_abort, print)) ngx.say(ngx.get_phase())`, want: "truenillua_check_client_abort is off\ncontent"},
		{target: "/access", code: `ngx.say(ngx.get_phase())`, want: "access"},
		{code: `ngx.ctx.log = function() ngx.log(ngx.ERR, "in ", ngx.get_phase()) end`, log: "[lua] t:1: log(): in log while logging request, client: 127.0.0.1"},
	})
}

func TestLog(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.log(ngx.ERR, setmetatable({}, {__tostring = function() return "TS" end}), nil, true, ngx.null, 1.5)`, log: "[error] "},
		{code: `ngx.log(ngx.ERR, setmetatable({}, {__tostring = function() return "TS" end}), nil, true, ngx.null, 1.5)`, log: `[lua] t:1: TSniltruenull1.5, client: 127.0.0.1, server: , request: "POST / HTTP/1.1", host: "test"`},
		{code: "local function f()\n print('in f') end f()", log: "[notice] "},
		{code: "local function f()\n print('in f') end f()", log: "[lua] t:2: f(): in f"},
		{code: `local t = {m = function() ngx.log(ngx.WARN, "x") end} t:m()`, log: "[lua] t:1: m(): x"},
		{code: `pcall(ngx.log, ngx.ERR, "from pcall")`, log: "[lua] [C]:-1: from pcall"},
		{code: `assert(loadstring("ngx.log(ngx.ERR, 'x')", "@/a/b\\c.lua"))()`, log: "[lua] c.lua:1: x"},
		{code: `ngx.log(ngx.STDERR, "to stderr")`, log: "[] "},
		{code: `ngx.log(ngx.DEBUG, print) ngx.say("unseen")`, want: "unseen"},
		{code: `ngx.log(ngx.ERR, "a\nb")`, log: "[lua] t:1: a\nb, client"},
		{code: `local function e(...) return (select(2, pcall(ngx.log, ...))) end
			ngx.say(e(9, "x"), "|", e(-1, "x"), "|", e(ngx.ERR, {}), "|", e(ngx.ERR, "a", print), "|", e(), "|", e("x"))`,
			want: "bad argument #1 to '?' (bad log level: 9)|bad argument #1 to '?' (bad log level: -1)|bad argument #1 to '?' (expected table to have __tostring metamethod)|" +
				"bad argument #2 to '?' (string, number, boolean, or nil expected, got function)|bad argument #1 to '?' (number expected, got no value)|" +
				"bad argument #1 to '?' (number expected, got string)"},
	})
}

func TestTimeAndWorker(t *testing.T) {
	runCases(t, []requestCase{
		{code: `ngx.print(ngx.now() == ngx.now(), ngx.time() == math.floor(ngx.now()), math.abs(os.time() - ngx.time()) <= 1)`, want: "truetruetrue"},
		{code: `local a = ngx.now() local t = os.clock() while os.clock() - t < 0.01 do end ngx.print(ngx.now() == a) ngx.update_time() ngx.print(ngx.now() - a >= 0.005)`, want: "truetrue"},
		{code: `ngx.print(ngx.utctime() == os.date("!%Y-%m-%d %H:%M:%S", ngx.time()), ngx.localtime() == os.date("%Y-%m-%d %H:%M:%S", ngx.time()), ngx.today() == os.date("%Y-%m-%d", ngx.time()))`, want: "truetruetrue"},
		{code: `ngx.print(ngx.http_time(1290079655), "|", ngx.cookie_time(1290079655), "|", ngx.cookie_time(2556143999), "|", ngx.http_time(-5), "|", ngx.http_time(1e12))`,
			want: "Thu, 18 Nov 2010 11:27:35 GMT|Thu, 18-Nov-10 11:27:35 GMT|Sat, 31-Dec-2050 23:59:59 GMT|Thu, 01 Jan 1970 00:00:00 GMT|Fri, 31 Dec 9999 23:59:59 GMT"},
		{code: `ngx.print(ngx.parse_http_time("Thu, 18 Nov 2010 11:27:35 GMT"), tostring(ngx.parse_http_time("never")))`, want: "1290079655nil"},
		{code: `ngx.print(pcall(ngx.http_time, "1")) ngx.print(pcall(ngx.cookie_time)) ngx.print(pcall(ngx.parse_http_time, 1))`, want: "falsenumber argument onlyfalsenumber argument onlyfalsestring argument only"},
		{code: `ngx.print(ngx.worker.id(), ngx.worker.count(), ngx.worker.pid() > 0, ngx.worker.exiting())`, want: "03truefalse"},
		{code: `ngx.print(ngx.config.subsystem, ngx.config.debug, ngx.config.nginx_version, ngx.config.ngx_lua_version, ngx.config.prefix():sub(-1), type(ngx.config.nginx_configure()))`,
			want: "httpfalse102700110029/string"},
		{code: `ngx.print(pcall(ngx.worker.pids))`, want: "falsengx.worker.pids is not supported yet"},
	})
}

func TestSetters(t *testing.T) {
	runCases(t, []requestCase{
		{code: `local s = ngx.req.set_header s("X-A", "v") ngx.say(ngx.var.http_x_a, ngx.req.get_headers()["x-a"])`, want: "vv"},
		{code: `ngx.say(select(2, pcall(function() ngx.req.set_header("Host", "a b") end)))`, want: "t:1: failed to set header"},
		{code: `ngx.req.set_header("", "v") local add = require "ngx.req".add_header add("A", "1") add("a", {2, ""}) ngx.say(table.concat(ngx.req.get_headers(0, true).a, ","), ngx.req.get_headers(0, true)[""])`, want: "2,nil"},
		{code: `local add = require "ngx.req".add_header ngx.say(pcall(add, "A")) ngx.say(pcall(add, "A", {}))`,
			want: "falsebad 'value' argument: string or table expected, got nil\nfalsebad 'value' argument: non-empty table expected"},
		{code: `local t = setmetatable({}, {__tostring = function() ngx.req.set_header("X", ("y"):rep(2000)) return "z" end}) ngx.req.set_header(t, {t}) ngx.say(ngx.var.http_z)`, want: "z"},
		{code: `local ok, e for i = 1, 1000 do ok, e = pcall(ngx.req.set_header, "X", ("x"):rep(1000)) if not ok then break end end ngx.say(e) ngx.say(#ngx.var.http_x)`,
			want: "failed to set header\n1000"},
		{code: `local add, e = require "ngx.req".add_header for i = 1, 1e4 do local ok, x = pcall(add, "X", "") e = e or x end ngx.say(e)`, want: "failed to set header"},
		{code: `ngx.req.init_body() ngx.req.append_body("x") ngx.req.finish_body() ngx.say(pcall(ngx.req.append_body, "y"))`, want: "falserequest_body not initialized"},
		{code: `ngx.req.init_body() ngx.req.append_body("x") ngx.req.set_body_data("z") ngx.say(pcall(ngx.req.finish_body))`, want: "falserequest_body not initialized"},
		{code: `ngx.req.discard_body() ngx.req.set_body_data("z") ngx.say(ngx.req.get_body_data())`, want: "z"},
		{code: `ngx.req.clear_header("Content-Length") ngx.req.clear_header("Host") ngx.say(ngx.var.host, ".")`, want: "."},
		{target: "/access", code: `ngx.req.set_header("Content-Length", 5) ngx.req.set_header("Connection", "close")`, want: "content"},
		{code: `ngx.ctx.log = function() ngx.log(ngx.ERR, select(2, pcall(ngx.req.set_body_data, "x"))) end`, log: "API disabled in the context of log_by_lua*"},
	}, "X: 1")
	s := serve(t, strings.Replace(runner, "access_log off;", "access_log off; lua_memory_limit 8m;", 1))
	if err := os.Mkdir(filepath.Join(s.dir, "client_body_temp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, body := s.do("POST", "/", `local r, prefix = ngx.req, ngx.config.prefix() local function there(name) local f = io.open(name) if f then f:close() end return f ~= nil end
		local function file(name, text) name = ngx.config.prefix() .. name local f = assert(io.open(name, "w")) f:write(text) f:close() return name end
		local a, b, c = file("a", "1"), file("b", "2"), file("c", "")
		r.set_body_file(a, true) ngx.say(there(a)) r.set_body_file(b, true) ngx.say(there(a), there(b)) r.set_body_file(c, true) ngx.say(there(b), there(c))
		r.set_body_file(file("d", "3")) r.set_body_data("x") ngx.say(there(prefix .. "d"), r.get_body_file()) ngx.say(pcall(r.set_body_file, prefix))`); body !=
		"true\nfalsetrue\nfalsefalse\ntruenil\nfalsefstat() \""+s.dir+"/\" failed\n" {
		t.Errorf("files as bodies: %q", body)
	}
	if _, body := s.do("POST", "/", `local s, r = ("x"):rep(2^18), ngx.req r.init_body(2^30) for i = 1, 40 do r.append_body(s) end r.finish_body()
		local f = io.open(r.get_body_file()) ngx.say(r.get_body_data(), " ", ngx.var.http_content_length, " ", f:seek("end")) f:close()`); body != "nil 10485760 10485760\n" {
		t.Errorf("a body that is larger than the memory: %q", body)
	}
	if resp, body := s.do("HEAD", "/", `ngx.req.set_method(ngx.HTTP_GET) ngx.say("x")`); body != "" || resp.StatusCode != 200 {
		t.Errorf("a response to HEAD made GET: %d %q", resp.StatusCode, body)
	}
}

// TestNewGlobals: code of a request that makes a global is told, with its place; writing it again, and init's code, are not.
func TestNewGlobals(t *testing.T) {
	s := serve(t, strings.Replace(runner, "init_worker_by_lua_block {", "init_worker_by_lua_block { of_init_worker = 1", 1))
	s.do("POST", "/", "\nnewcomer = 1 newcomer = 2 of_init_worker = 2")
	s.do("POST", "/", "ngx.timer.at(0, function() of_timer = 1 end)")
	if !s.waitLog("('of_timer')") {
		t.Error("nothing of a timer's")
	}
	log := s.log()
	if strings.Count(log, "writing a global") != 2 || !strings.Contains(log, "[warn]") || !strings.Contains(log, "writing a global Lua variable ('newcomer') which may lead to race conditions "+
		"between concurrent requests, so prefer the use of 'local' variables\nstack traceback:\n\tt:2: in ") {
		t.Errorf("log:\n%s", log)
	}
}

func TestRequestWithoutVersionTakesNoHeaders(t *testing.T) {
	s := serve(t, strings.Replace(runner, `ngx.say("hello")`, `ngx.req.set_header("X-Foo", "howdy") ngx.say(ngx.req.get_headers()["X-Foo"])`, 1))
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /hello\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(c); string(got) != "nil\n" {
		t.Errorf("%q", got)
	}
}

func TestRawHeaderAfterEmptyLines(t *testing.T) {
	s := serve(t, runner)
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	code := "ngx.print(ngx.req.raw_header(), '|', ngx.req.raw_header(true))"
	head := "Connection: close\r\nContent-Length: " + strconv.Itoa(len(code)) + "\r\nHost: x\r\n\r\n"
	if _, err := io.WriteString(c, "\r\n\r\nPOST / HTTP/1.1\r\n"+head+code); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(c)
	if want := "POST / HTTP/1.1\r\n" + head + "|" + head; !strings.Contains(string(got), "\r\n"+want) {
		t.Errorf("%q", got)
	}
}

func TestModules(t *testing.T) {
	var load strings.Builder
	for name := range strings.FieldsSeq(coreModules) {
		load.WriteString("assert(require('" + name + "').version) ")
	}
	runCases(t, []requestCase{
		{code: load.String() + `ngx.say(require "resty.core".version)`, want: coreVersion},
		{code: `ngx.say(package.loaded["resty.core"] ~= nil, require "ndk".set_var.set_escape_uri(" "))`, want: "true%20"},
		{code: `local hex = require "resty.string".to_hex for _, name in ipairs { "md5", "sha1", "sha224", "sha256", "sha384", "sha512" } do
			local d = require("resty." .. name):new() ngx.print(d:update("x"), d:reset(), d:update("abcx", 3), d:update(12)) ngx.say(hex(d:final()):sub(1, 8)) end`,
			want: "truetruetruetrueb2157e7b\ntruetruetruetrue8fe670fe\ntruetruetruetruea596126c\ntruetruetruetrue8d51feb3\ntruetruetruetrue22eebe21\ntruetruetruetrue25270db9"},
		{code: `local r = require "resty.random" ngx.say(#r.bytes(16), #r.bytes(0, true), r.bytes(-1), r.bytes(16) == r.bytes(16))`, want: "160nilfalse"},
		{code: `local b = require "ngx.base64" ngx.say(b.encode_base64url("\251\255\254a"), b.decode_base64url("-__-YQ") == "\251\255\254a", b.decode_base64url("-__-YQ==") ~= nil)
			ngx.say(b.decode_base64url("+/")) ngx.say(b.encode_base64url(1)) ngx.say(b.decode_base64url())`,
			want: "-__-YQtruetrue\nnilinvalid input\nnilmust provide a string\nnilmust provide a string"},
		{code: `local e = require "ngx.errlog" e.raw_log(ngx.INFO, "as it is") ngx.say(e.get_sys_filter_level() == ngx.INFO, " ", e.get_logs()) ngx.say(pcall(e.raw_log, 99, "x"))`,
			want: "true nildirective \"lua_capture_error_log\" is not set\nfalsebad log level", log: " as it is, client: "},
		{code: `local add = require "ngx.resp".add_header add("x_a", 1) add("X-A", {2, "3"}) add("Content-Type", "a/b") add("X-A", {}) local n = 0 for _ in pairs(ngx.req) do n = n + 1 end
			ngx.say(table.concat(ngx.header.x_a, ","), ngx.header.content_type, n) ngx.say(pcall(add, "X"))`,
			want: "1,2,3a/b23\nfalseinvalid header value"},
		{code: `ngx.say(pcall(require "ngx.resp".add_header, "Content-Length", "x"))`, want: "falsefailed to set header"},
		{code: `local p = require "ngx.process" ngx.say(p.type(), " ", p.get_master_pid() > 0, " ", (pcall(p.enable_privileged_agent)))`, want: "worker true false"},
		{code: `local s = require "resty.string" ngx.say(s.to_hex("\0a\255\n"), s.atoi(" -12x"), s.atoi("x"))`, want: "0061ff0a-1-1"},
		{code: `ngx.say(require "resty.lrucache".new(0))`, want: "nilsize too small"},
		{code: `local c = require "resty.lrucache.pureffi".new(2) c:set("a", 1) c:set("b", 2) c:get("a") c:set("c", 3)
			ngx.say(c:get("b"), c:get("a"), c:get("c")) ngx.say(c:get_keys(), c:count(), c:capacity(), c:delete("a"), c:delete("a"), c:count())
			c:set("d", 4) c:set("e", 5) ngx.say(c:get_keys(), c:get_keys(1)) c:flush_all() ngx.say(c:count(), c:get("d"), #c:get_keys())
			c:set("x", 1, 0.001, 7) ngx.sleep(0.01) ngx.say(c:get("x")) c:set("x", false) ngx.say(c:get("x")) c:set("y", 1, 10, 3) ngx.say(c:get("y"))`,
			want: "nil13nil0\nca22truefalse1\nede\n0nil0\nnil17\nfalsenil0\n1nil3"},
	})
}
