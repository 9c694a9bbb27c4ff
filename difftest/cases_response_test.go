package difftest

import (
	"fmt"
)

// returnCases: the return directive, nginx's own pages, variables in templates.
func returnCases() []testCase {
	cases := []testCase{
		get("return sends text with the default type", "/return/text", 200, "plain text\n"),
		get("return sends text with the location's type", "/return/typed", 200, "Content-Type: text/plain"),
		get("return of a bare 200", "/return/empty", 200, "Content-Length: 0"),
		get("return 204", "/return/204", 204, ""),
		get("return 204 drops its text", "/return/204text", 204, ""),
		get("return 304", "/return/304", 304, ""),
		get("return fills in variables", "/return/vars?a=1&b=2", 200, "GET /return/vars|a=1&b=2|1|head|first.test|http|HTTP/1.1|127.0.0.1", "X-Y: head"),
		get("return with escapes in quotes", "/return/escapes", 200, "it's \"quoted\""),
		get("return with braces around a variable's name", "/return/braces", 200, "/return/bracesx{}"),
		get("return 403 with a text", "/return/403text", 403, "custom\n"),
		get("return 201 with a text", "/return/201text", 201, "made"),
		get("return of a relative redirect names the host", "/return/301", 301, "/elsewhere"),
		get("return of a redirect with a variable", "/return/302?to=b%20c", 302, "where=b%20c"),
		get("return 303 to another host", "/return/303", 303, "Location: http://other.test/x"),
		get("return 307 with the arguments", "/return/307?q=1", 307, "Location: https://other.test/q=1"),
		get("return 308", "/return/308", 308, "/eight"),
		get("return of a bare URL is a 302", "/return/url", 302, "Location: http://other.test/u"),
		{name: "return 408 closes without a word", send: []string{request("GET /return/408")}},
		{name: "return 444 closes without a word", send: []string{request("GET /return/444")}},
		{name: "HEAD of a text", send: []string{request("HEAD /return/text")}, want: []want{head(200)}, has: "Content-Length: 11"},
		{name: "HEAD of an error page", send: []string{request("HEAD /return/404")}, want: []want{head(404)}},
		{name: "HEAD of a redirect", send: []string{request("HEAD /return/301")}, want: []want{head(301)}},
		{name: "POST to a return, its body is discarded", send: []string{request("POST /return/text", "Content-Length: 5") + "12345"}, want: w(200)},
		{name: "a chunked body to a return is discarded", send: []string{request("POST /return/text", "Transfer-Encoding: chunked") + "5\r\n12345\r\n0\r\n\r\n"}, want: w(200)},
	}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 418, 421, 429, 500, 501, 502, 503, 504, 505, 507, 599} {
		cases = append(cases, get(fmt.Sprintf("page of status %d", status), fmt.Sprintf("/return/%d", status), status, ""))
	}
	return append(cases, get("page of nginx's own status 494", "/return/494", 400, "Request Header Or Cookie Too Large"))
}

// outputCases: ngx.say, print, status and header.
func outputCases() []testCase {
	return []testCase{
		get("ngx.say says hello", "/out/hello", 200, "hello\n"),
		get("a quoted handler", "/out/quoted", 200, "it's quoted"),
		get("a handler in a file", "/out/file?who=you", 200, "page for you"),
		get("a handler in a file sets a status", "/out/file", 400, "who?"),
		get("say and print of every type", "/out/types", 200, "nil true false 1 -0.5 1e+15 1e+100"),
		get("say refuses tables that are not arrays", "/out/badtable", 200, "false"),
		get("a handler that says nothing", "/out/nothing", 200, ""),
		get("a handler that only sets a header", "/out/headers_only", 200, "X-One: 1"),
		get("200 KB said line by line", "/out/large", 200, "200:0123"),
		get("a Content-Length set by hand", "/out/length", 200, "content-length: 11"),
		get("output in pieces over time", "/out/flush", 200, "first,second,third"),
		get("all 256 bytes", "/out/binary", 200, ""),
		{name: "HEAD runs the handler and sends no body", send: []string{request("HEAD /out/hello")}, want: []want{head(200)}},
		{name: "HEAD of a large output", send: []string{request("HEAD /out/large")}, want: []want{head(200)}},
		{name: "HTTP/1.0 gets a length and no chunks", send: []string{"GET /out/hello HTTP/1.0\r\n\r\n"}, want: w(200), has: "(body length)"},
		{name: "HTTP/1.0 with keep-alive", send: []string{"GET /out/hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}, want: w(200)},
		{name: "HTTP/1.0 with keep-alive and a length", send: []string{"GET /out/length HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}, want: w(200), has: "(connection alive)"},
		{name: "HTTP/1.0 large output", send: []string{"GET /out/large HTTP/1.0\r\n\r\n"}, want: w(200), has: "200:0123"},

		get("status 201 by number", "/status/201", 201, "201\n"),
		get("status 404 with a body of one's own", "/status/404", 404, "mine"),
		get("a status without a reason phrase", "/status/unknown", 299, "odd"),
		get("status and headers after the first output", "/status/late", 200, "sent").logged("attempt to set"),
		get("a status given as string", "/status/string", 202, "number"),
		get("status 204 by number", "/status/204", 204, ""),
		get("the status read before and after output", "/status/read", 200, "200"),

		get("headers set, repeated, deleted", "/header/set", 200, "X-Multi: b"),
		get("content type and other special headers", "/header/type", 200, "application/json; charset=utf-8"),
		get("a header's name or value can't begin a new line", "/header/inject", 200, "X-Split: a%0D%0AX-Injected: 1"),
		get("a Location with a path", "/header/location", 302, "moved"),
		get("several cookies", "/header/cookies", 200, "Set-Cookie: b=2"),
	}
}
