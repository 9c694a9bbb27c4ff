package difftest

import (
	"strings"
)

// varCases: ngx.var, locations and escapes in paths.
func varCases() []testCase {
	return []testCase{
		get("variables of a plain request", "/var/a", 200, "uri=[/var/a]"),
		get("variables with arguments and headers", "/var/b?x=1&y=a%20b&x=2", 200, "arg_x=[1]",
			"X-Y: head", "User-Agent: diff/1", "Cookie: a=1; b=two", "Accept: */*", "Referer: http://r.test/"),
		get("variables of an escaped path", "/var/a%20b/%C3%A9?x", 200, "request_uri=[/var/a%20b/%C3%A9?x]"),
		get("an empty argument string", "/var/c?", 200, "is_args="),
		get("a repeated header in a variable", "/var/d", 200, "http_x_y=", "X-Y: one", "X-Y: two"),
		get("repeated cookie headers", "/var/e", 200, "cookie_a=[1]", "Cookie: a=1", "Cookie: b=2"),
		post("variables of a POST", "/var/post", "body", 200, "content_length=[4]", "Content-Type: text/x"),
		get("an exact location wins", "/var/exact", 200, "exact"),
		get("an exact location with arguments", "/var/exact?q", 200, "exact"),
		get("writing a variable that can't be written", "/var_set", 200, "false"),
		{name: "port and binary address", send: []string{"GET /var_raw HTTP/1.1\r\nHost: first.test:1\r\n\r\n"}, want: w(200), has: "4 "},
		get("the longest prefix wins", "/loc/longer/x", 200, "prefix /loc/longer"),
		get("the shorter prefix", "/loc/long", 200, "prefix /loc/"),
		get("exact before prefix", "/loc/longer", 200, "exact /loc/longer"),
		get("dot segments are resolved before the location is found", "/x/../loc/./longer", 200, "exact /loc/longer"),
		get("slashes are merged", "//loc///longer", 200, "exact /loc/longer"),
		get("escapes are decoded before the location is found", "/l%6Fc/longer", 200, "exact /loc/longer"),
		get("a dot segment above the root", "/../x", 400, ""),
		get("an escaped slash in a path", "/esc/a%2Fb", 200, "/esc/a/b|/esc/a%2Fb"),
		get("an escaped percent sign", "/esc/100%25", 200, "/esc/100%|"),
		get("an escaped NUL", "/esc/a%00b", 400, ""),
		get("a broken escape", "/esc/a%zz", 400, ""),
		get("a broken escape at the end", "/esc/a%4", 400, ""),
		get("escaped dot segments", "/esc/%2e%2e/loc/longer", 200, "exact"),
		get("a plus sign stays", "/esc/a+b", 200, "/esc/a+b"),
		get("an escaped question mark", "/esc/a%3Fb?c", 200, "/esc/a?b|"),
		get("a fragment is cut off", "/esc/a#frag", 200, "/esc/a"),
		{name: "an absolute request target", send: []string{"GET http://second.test/abs?x HTTP/1.1\r\nHost: first.test\r\n\r\n"}, want: w(200), has: "second.test second.test"},

		{name: "a server chosen by its name", send: []string{"GET / HTTP/1.1\r\nHost: second.test\r\n\r\n"}, want: w(200), has: "second.test second.test second.test"},
		{name: "a server chosen by another of its names", send: []string{"GET / HTTP/1.1\r\nHost: alias.second.test\r\n\r\n"}, want: w(200), has: "second.test alias.second.test"},
		{name: "a name in capitals", send: []string{"GET / HTTP/1.1\r\nHost: SECOND.Test\r\n\r\n"}, want: w(200), has: "second.test second.test SECOND.Test"},
		{name: "a name with a port", send: []string{"GET / HTTP/1.1\r\nHost: second.test:8080\r\n\r\n"}, want: w(200), has: "second.test second.test second.test:8080"},
		{name: "a name with a final dot", send: []string{"GET / HTTP/1.1\r\nHost: second.test.\r\n\r\n"}, want: w(200), has: "second.test second.test"},
		{name: "an unknown name gets the default server", send: []string{"GET /probe HTTP/1.1\r\nHost: nobody.test\r\n\r\n"}, want: w(200), has: "alive"},
		{name: "a server that only returns", send: []string{"GET /any?x=%41 HTTP/1.1\r\nHost: third.test\r\n\r\n"}, want: w(418), has: "third for third.test/any?x=%41"},
		{name: "HTTP/1.0 without a name", send: []string{"GET /var/old HTTP/1.0\r\n\r\n"}, want: w(200), has: "server_protocol=[HTTP/1.0]"},
	}
}

// requestCases: ngx.req and request bodies.
func requestCases() []testCase {
	chunked := "Transfer-Encoding: chunked"
	return []testCase{
		get("request headers", "/req/headers", 200, "x-mixed-case=v", "X-Mixed-Case: v", "Empty:", "Trimmed:   a b  ", "x-twice: 1", "X-Twice: 2", "Colon: a:b"),
		get("request headers with their own spelling", "/req/headers_raw", 200, "X-Mixed-Case=v", "X-Mixed-Case: v", "lower: w"),
		get("a limit on request headers", "/req/headers_max", 200, "3 truncated", "A: 1", "B: 2", "C: 3", "D: 4"),
		get("arguments", "/req/args?a=1&b&c=&=d&a=2&%61=3&e=%20+%2B&f=x=y&g=%zz&&h", 200, "[a]={1,2,3}"),
		get("no arguments", "/req/args", 200, "nil"),
		get("a limit on arguments", "/req/args_max?a=1&b=2&c=3", 200, "2 truncated"),
		get("the method of GET", "/req/method", 200, "GET"),
		{name: "the method of an OPTIONS", send: []string{request("OPTIONS /req/method")}, want: w(200), has: "OPTIONS"},
		{name: "the method of a DELETE", send: []string{request("DELETE /req/method")}, want: w(200), has: "DELETE"},
		{name: "the method of a PATCH", send: []string{request("PATCH /req/method", "Content-Length: 0")}, want: w(200), has: "PATCH"},
		{name: "an unknown method", send: []string{request("BREW /req/method")}, want: w(200), has: "BREW"},
		{name: "TRACE is refused", send: []string{request("TRACE /req/method")}, want: w(405)},

		get("no body", "/req/body", 200, "nil:nil"),
		post("a body with its length", "/req/body", "hello body", 200, "10:hello body"),
		post("an empty body", "/req/body", "", 200, "nil:nil"),
		post("a body with zeros and line ends", "/req/body_sum", "a\x00\r\n\xffb", 200, "6 "),
		post("a body of 7 KB", "/req/body_sum", strings.Repeat("0123456789abcd", 512), 200, "7168 "),
		post("a body read in the access phase", "/req/body_access", "early", 200, "early"),
		post("a body that the handler leaves unread", "/req/body_unread", "ignored", 200, "not read"),
		post("a large body that the handler leaves unread", "/req/body_unread", strings.Repeat("x", 60000), 200, "not read"),
		post("a body at the limit", "/req/body_small", "0123456789", 200, "0123456789"),
		{name: "a body above the limit", send: []string{request("POST /req/body_small", "Content-Length: 11") + "0123456789a"}, want: w(413)},
		{name: "a chunked body above the limit", send: []string{request("POST /req/body_small", chunked) + "b\r\n0123456789a\r\n0\r\n\r\n"}, want: w(413)},
		{name: "a body announced above the server's limit", send: []string{request("POST /req/body", "Content-Length: 70000")}, want: w(413), noProbe: true},
		{name: "a body that comes in pieces", send: []string{request("POST /req/body", "Content-Length: 9"), "abc", "def", "ghi"}, want: w(200), has: "9:abcdefghi"},
		{name: "headers that come byte by byte", send: bytewise("GET /req/method HTTP/1.1\r\nHost: first.test\r\n\r\n"), want: w(200), has: "GET"},
		{name: "a chunked body", send: []string{request("POST /req/body", chunked) + "5\r\nhello\r\n1\r\n \r\n6\r\nchunks\r\n0\r\n\r\n"}, want: w(200), has: "12:hello chunks"},
		{name: "a chunked body in pieces", send: []string{request("POST /req/body", chunked), "5\r", "\nhel", "lo\r\n", "0\r\n", "\r\n"}, want: w(200), has: "5:hello"},
		{name: "a chunked body with extensions and trailers", send: []string{request("POST /req/body", chunked) + "A;name=v\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n"}, want: w(200), has: "10:0123456789"},
		{name: "an empty chunked body", send: []string{request("POST /req/body", chunked) + "0\r\n\r\n"}, want: w(200), has: "nil:nil"},
		{name: "a chunked body with a bad size", send: []string{request("POST /req/body", chunked) + "xyz\r\nhello\r\n0\r\n\r\n"}, want: w(400)},
		{name: "100-continue, then the body", send: []string{request("POST /req/body", "Content-Length: 4", "Expect: 100-continue"), "body"}, want: w(100, 200), has: "4:body"},
		{name: "100-continue even where the body is discarded", send: []string{request("POST /return/text", "Content-Length: 4", "Expect: 100-continue"), "body"}, want: w(100, 200)},
		{name: "100-continue of a chunked body", send: []string{request("POST /req/body", chunked, "Expect: 100-continue"), "4\r\nbody\r\n0\r\n\r\n"}, want: w(100, 200), has: "4:body"},
		post("a short body where there may be a file", "/req/body_file", "short=1", 200, "data: short=1"),
		post("a body that goes to a file", "/req/body_file", strings.Repeat("0123456789", 1000), 200, "10000 bytes"),
		post("a body of 60 KB in a file", "/req/body_file", strings.Repeat("0123456789\n\x00", 5000), 200, "60000 bytes"),
		{name: "a chunked body that goes to a file", send: []string{request("POST /req/body_file", chunked) + "7D0\r\n" + strings.Repeat("x", 2000) + "\r\n3E8\r\n" + strings.Repeat("y", 1000) + "\r\n0\r\n\r\n"}, want: w(200), has: "3000 bytes"},
		{name: "a body in a file that comes in pieces", send: []string{request("POST /req/body_file", "Content-Length: 3000"), strings.Repeat("x", 1000), strings.Repeat("y", 1500), strings.Repeat("z", 500)}, want: w(200), has: "3000 bytes"},
		post("a short body, in a file only", "/req/body_file/only", "short", 200, "nil\nshort"),
		get("no body, in a file only", "/req/body_file/only", 200, "no file"),
		post("a body in a file that a script replaces", "/req/body_file/set", strings.Repeat("0123456789", 1000), 200, "nil short 5"),
		{name: "a body for GET", send: []string{request("GET /req/body", "Content-Length: 3") + "abc"}, want: w(200), has: "3:abc"},
		{name: "bodies follow each other on one connection", send: []string{
			request("POST /req/body", "Content-Length: 3") + "one" + request("POST /req/body", chunked) + "3\r\ntwo\r\n0\r\n\r\n" + request("GET /req/body"),
		}, want: w(200, 200, 200), has: "3:two"},
	}
}

func bytewise(s string) []string {
	var all []string
	for i := range len(s) {
		all = append(all, s[i:i+1])
	}
	return all
}
