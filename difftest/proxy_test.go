package difftest

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// proxyCases: proxy_pass, to an origin of the test's own.
func proxyCases() []testCase {
	chunked := func(name, path string, parts ...string) testCase {
		return testCase{name: name, send: append([]string{request("POST "+path, "Transfer-Encoding: chunked")}, parts...), want: w(200)}
	}
	big := strings.Repeat("body", 8000)
	return []testCase{
		get("proxy passes the request on", "/echo?a=b%20c", 200, "GET /echo?a=b%20c HTTP/1.0\r\n", "X-Mine: 1", "Accept: */*"),
		get("proxy drops what concerns the connection", "/echo", 200, "Connection: close", "Connection: keep-alive", "Keep-Alive: 5", "TE: trailers", "Upgrade: x", "Expect: "),
		get("proxy keeps the URI as it came without one of its own", "/echo/%7e//x/../y%2f?%20", 200, "GET /echo/%7e//x/../y%2f?%20 "),
		get("proxy replaces the location by its URI", "/prefix/a%20b/%7e?q", 200, "GET /echo/other/a%20b/~?q "),
		get("proxy whose location lacks a slash", "/prefix", 301, "/prefix/\n"),
		get("proxy whose location lacks a slash, with arguments", "/prefix?a=b%20c", 301, "/prefix/?a=b%20c"),
		get("proxy whose location lacks a slash, escaped", "/a%20b?x", 301, "/a%20b/?x"),
		get("proxy whose exact location lacks a slash", "/exactly", 301, "/exactly/"),
		get("proxy whose nested location lacks a slash", "/with/nested/deep", 301, "/with/nested/deep/"),
		get("proxy whose location lacks a slash, and has another one", "/both", 200, "no slash"),
		get("proxy replaces a location without slash", "/nouriX/y", 200, "GET /echoX/y "),
		get("proxy with a whole URI in variables", "/vars/x?y=z", 200, "GET /vars/x?y=z "),
		get("proxy to an upstream that a variable names", "/named/?up=back", 200, "GET /echo HTTP/1.0\r\nHost: back\r\n"),
		get("proxy to a name that nobody resolves", "/named/?up=nobody.invalid", 502, "").logged("no resolver"),
		get("proxy with arguments in its URI", "/query/", 200, "GET /echo?fixed=1 "),
		get("proxy with arguments in its URI and in the request's", "/query/?x", 200, "fixed=1"),
		post("proxy passes a body on", "/echo", "some=body", 200, "[some=body]", "Content-Type: application/x-www-form-urlencoded"),
		post("proxy passes an empty body on", "/echo", "", 200, "Content-Length: 0"),
		post("proxy passes a large body on", "/echo", big, 200, "bodybody]"),
		chunked("proxy gives a chunked body a length", "/echo", "5\r\nhello\r\n", "6\r\n world\r\n0\r\n\r\n"),
		{name: "proxy of a HEAD", send: []string{request("HEAD /echo")}, want: []want{head(200)}, has: "Content-Length: 7"},
		{name: "proxy of a PUT in pieces", send: []string{request("PUT /echo", "Content-Length: 10"), "01234", "56789"}, want: w(200), has: "[0123456789]"},
		{name: "proxy of pipelined requests", send: []string{request("GET /echo/1") + request("GET /back/echo/2") + request("GET /chunked")}, want: w(200, 200, 200), has: "echo/2"},
		{name: "proxy of an HTTP/1.0 request", send: []string{"GET /echo HTTP/1.0\r\nHost: first.test\r\n\r\n"}, want: w(200), has: "GET /echo HTTP/1.0"},
		{name: "proxy of an HTTP/1.0 request for a chunked response", send: []string{"GET /back/chunked HTTP/1.0\r\nHost: first.test\r\nConnection: keep-alive\r\n\r\n"}, want: w(200), has: "hello world"},
		post("proxy with a body too large", "/echo", strings.Repeat("x", 70000), 413, ""),

		get("proxy speaks 1.1 and keeps the connection", "/back/echo", 200, "GET /echo HTTP/1.1\r\nHost: back\r\n"),
		get("proxy sets headers", "/keep/echo", 200, "X-Forwarded-For: 1.2.3.4, 127.0.0.1\r\n", "X-Forwarded-For: 1.2.3.4", "X-Const: theirs", "Accept-Encoding: gzip", "Cookie: c=1"),
		post("proxy of a body over a kept connection", "/keep/echo", "kept", 200, "[kept]"),
		get("proxy with a method of its own", "/method", 200, "PUT /echo"),
		post("proxy without the body", "/nobody", "secret", 200, "[]"),
		get("proxy without the client's headers", "/noheaders", 200, "GET /echo", "X-Mine: 1"),

		get("proxy of a chunked response", "/back/chunked", 200, "hello world"),
		get("proxy of a response until the connection ends", "/untilclose", 200, "really"),
		get("proxy keeps the status line", "/back/status", 404, "404 Not There"),
		get("proxy of a 204", "/back/204", 204, "X-One: 1"),
		get("proxy of a 304", "/back/304", 304, "ETag"),
		get("proxy of many headers", "/back/headers", 200, "X-One: 1"),
		get("proxy hides and passes headers", "/hide/headers", 200, "X-Accel-Expires: 5"),
		get("proxy of a body in pieces", "/back/slowbody", 200, "1234567890"),
		get("proxy of a large response", "/back/large", 200, "abcdef"),
		get("proxy of a large chunked response", "/back/largechunked", 200, "xxxx"),
		get("proxy of a large head", "/back/big", 502, "").logged("too big header"),
		get("proxy with a small buffer", "/small/medium", 502, "").logged("too big header"),
		{name: "proxy of a HEAD over a kept connection, then another", send: []string{request("HEAD /back/echo") + request("GET /back/echo")}, want: []want{head(200), {200, false}}},

		get("proxy rewrites a redirect to itself", "/redirect/location", 302, "/redirect/there?q"),
		get("proxy leaves other redirects alone", "/redirect/location2", 301, "http://elsewhere.test/there"),
		get("proxy leaves a relative redirect alone", "/redirect/location3", 301, "Location: /relative"),
		get("proxy_redirect off", "/redirect/off/location", 302, "http://back/there?q"),
		get("proxy_redirect of one's own", "/redirect/own/location2", 301, "/mine/there"),
		get("proxy_redirect with variables", "/redirect/own/location", 302, "http://first.test/x/there"),
		get("proxy rewrites Refresh", "/redirect/refresh", 200, "url=/redirect/soon"),

		get("proxy without buffering", "/unbuffered/slowbody", 200, "1234567890"),
		post("proxy without request buffering", "/unbuffered/echo", "plain", 200, "[plain]"),
		chunked("proxy passes chunks on without request buffering", "/unbuffered/echo", "5\r\nhello\r\n", "6\r\n world\r\n0\r\n\r\n"),
		{name: "proxy of an upload in pieces", send: []string{request("PUT /unbuffered/echo", "Content-Length: 10"), "01234", "56789"}, want: w(200), has: "[0123456789]"},

		get("proxy to nobody", "/dead/a?b", 502, "502 Bad Gateway").logged("Connection refused"),
		get("proxy with a URI to nobody", "/deaduri/z", 502, "").logged("/x/yz"),
		get("proxy falls back", "/fallback/echo", 200, "Host: fallback"),
		get("proxy by weight", "/weighted/echo", 200, "Host: weighted"),
		get("proxy to an upstream that is down", "/alldown", 502, "").logged("no live upstreams"),
		get("proxy tries the next on 500", "/next/500", 500, "oops").logged("marker-next "),
		get("proxy takes 503 of the last", "/next/503", 503, "busy"),
		get("proxy tries the next when nothing comes", "/next/cut/nothing", 502, "").logged("/next/cut/nothing HTTP"),
		get("proxy tries nobody with off", "/nextoff/cut/nothing", 502, "").logged("nextoff"),
		post("proxy doesn't repeat a POST", "/next/cut/nothing?post", "x", 502, "").logged("?post"),
		post("proxy repeats a POST if it may", "/nextall/cut/nothing", "x", 502, "").logged("marker-nextall "),
		get("proxy tries as often as it may", "/nexttries/cut/nothing", 502, "").logged("marker-nexttries "),
		get("proxy times out", "/slow/sleep", 504, "504 Gateway Time-out").logged("upstream timed out"),
		get("proxy of a head that is cut", "/cut/head", 502, "").logged("/cut/head"),
		{name: "proxy of a body that is cut", send: []string{request("GET /raw/cut/length")}, raw: true, has: "only this", log: "/raw/cut/length"},
		{name: "proxy of chunks that are cut", send: []string{request("GET /raw/cut/chunked")}, raw: true, has: "only this", log: "/raw/cut/chunked"},
		get("proxy of a response with more than its length", "/more", 200, "exactly"),

		get("proxy intercepts an error", "/intercept/404?q", 404, "/echo/missing"),
		get("proxy intercepts an error with another status", "/intercept/503", 200, "come back later"),
		get("proxy doesn't intercept what has no page", "/intercept/500", 500, "oops"),
		get("proxy that fails, with a page of another proxy", "/pages/x?y", 502, "GET /pages/x?y "),
		get("proxy in an if", "/if/a?other=1", 200, "GET /if/a?other=1 "),
		get("proxy beside an if", "/if/a", 200, "GET /echo/if/a "),
		get("proxy behind an if", "/ifset/a?x=1", 200, "GET /echo/ifset/a?x=1 "),
		get("proxy in a location by pattern", "/regex/a/b?c=d", 200, "GET /echo/a/b?c=d "),
		get("proxy of a path that was rewritten", "/rewritten/a%20b?c", 200, "GET /echo/re/a%20b?c "),
		get("proxy with Lua before and behind", "/lua/echo?x", 200, "X-ADDED: BY LUA").logged("marker-lua "),
		get("proxy that Lua refuses", "/lua/echo?deny=1", 403, "403 Forbidden"),
		post("proxy of a body that Lua has made", "/readbody", "old", 200, "[changed by lua]"),
		{name: "proxy of an upgraded connection", send: []string{request("GET /websocket", "Upgrade: test", "Connection: upgrade"), "hello\n"}, raw: true, has: "you said hello"},
	}
}

func TestSameProxying(t *testing.T) {
	cases := proxyCases()
	origin, port := startOrigin(t), freePort(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().(*net.TCPAddr).Port
	l.Close()
	prefix := prepare(t, "testdata/proxy", "@PORT@", port)
	file := filepath.Join(prefix, "nginx.conf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for word, n := range map[string]int{"@ORIGIN@": origin, "@DEAD@": dead} {
		text = bytes.ReplaceAll(text, []byte(word), []byte(strconv.Itoa(n)))
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	nginx := runCases(t, nginxServer(t), prefix, port, cases)
	for i, c := range cases {
		if wrong := meaningful(c, nginx[i]); wrong != "" {
			t.Errorf("%s: nginx %s\n%s", c.name, wrong, nginx[i].render())
		}
	}
	ours := runCases(t, moonringServer(t), prefix, port, cases)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if theirs, ours := nginx[i].render(), ours[i].render(); theirs != ours {
				t.Errorf("sent %q\n--- nginx\n%s\n--- moonring\n%s", abbreviate(c.send), theirs, ours)
			}
		})
	}
	t.Logf("%d cases", len(cases))
}
