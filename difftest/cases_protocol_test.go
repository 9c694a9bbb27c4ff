package difftest

import (
	"strings"
)

// protocolCases: connections, pipelining, limits, and requests that are wrong.
func protocolCases() []testCase {
	hello := request("GET /out/hello")
	static := request("GET /static/page.html")
	bad := func(name, raw, log string) testCase {
		return testCase{name: name, send: []string{raw}, want: w(400), log: log}
	}
	return []testCase{
		{name: "Connection: close", send: []string{request("GET /out/hello", "Connection: close")}, want: w(200), has: "(connection closed)"},
		{name: "Connection: Close among others", send: []string{request("GET /out/hello", "Connection: X, Close")}, want: w(200)},
		{name: "Connection: keep-alive", send: []string{request("GET /out/hello", "Connection: keep-alive")}, want: w(200), has: "(connection alive)"},
		{name: "HTTP/1.0 closes", send: []string{"GET /return/text HTTP/1.0\r\nHost: first.test\r\n\r\n"}, want: w(200), has: "(connection closed)"},
		{name: "HTTP/1.0 keep-alive of a text", send: []string{"GET /return/text HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"}, want: w(200), has: "(connection alive)"},
		{name: "HTTP/0.9", send: []string{"GET /return/text\r\n"}, raw: true, has: "plain text"},
		{name: "five requests in one write", send: []string{hello + request("GET /return/text") + request("GET /return/404") + static + hello}, want: w(200, 200, 404, 200, 200)},
		{name: "fifty requests in one write, the last ends the connection", send: []string{strings.Repeat(hello, 50)}, want: w(repeat(200, 50)...), has: "(connection closed)"},
		{name: "pipelined HEAD and GET", send: []string{request("HEAD /out/hello") + hello + request("HEAD /static/page.html") + static}, want: []want{head(200), {200, false}, head(200), {200, false}}},
		{name: "a pipelined request behind an unread body", send: []string{request("POST /req/body_unread", "Content-Length: 5") + "12345" + hello}, want: w(200, 200)},
		{name: "no request is answered after a 500", send: []string{request("GET /return/500") + hello}, want: w(500), has: "(connection closed)"},
		{name: "no request is answered after a Lua error", send: []string{request("GET /error/string?then") + hello}, want: w(500)},
		{name: "empty lines before a request", send: []string{"\r\n\r\n" + hello}, want: w(200)},
		{name: "header lines that end in LF alone", send: []string{"GET /out/hello HTTP/1.1\nHost: first.test\n\n"}, want: w(200)},
		{name: "requests after a 404", send: []string{request("GET /return/404") + request("GET /return/403") + hello}, want: w(404, 403, 200)},
		{name: "half-close after the request", send: []string{hello}, want: w(200), halfClose: true},

		bad("no Host", "GET /out/hello HTTP/1.1\r\n\r\n", "client sent HTTP/1.1 request without"),
		bad("two Hosts", "GET /out/hello HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n", "duplicate host"),
		bad("a Host that can't be", "GET /out/hello HTTP/1.1\r\nHost: a/b\r\n\r\n", ""),
		bad("no request line at all", "nonsense\r\n\r\n", ""),
		bad("a method in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "request: \"get / HTTP/1.1\""),
		bad("a target that isn't a path", "GET nopath HTTP/1.1\r\nHost: a\r\n\r\n", ""),
		bad("a protocol that isn't HTTP", "GET / HTTPS/1.1\r\nHost: a\r\n\r\n", ""),
		bad("a version that is none", "GET / HTTP/x\r\nHost: a\r\n\r\n", ""),
		{name: "HTTP/2.0 in a request line", send: []string{"GET /out/hello HTTP/2.0\r\nHost: first.test\r\n\r\n"}, want: w(505)},
		{name: "HTTP/1.2 is taken as 1.1", send: []string{"GET /out/hello HTTP/1.2\r\nHost: first.test\r\n\r\n"}, want: w(200)},
		bad("a length that isn't a number", request("POST /out/hello", "Content-Length: five"), "invalid \"Content-Length\" header"),
		bad("a negative length", request("POST /return/text", "Content-Length: -1"), ""),
		bad("two lengths", request("POST /out/hello", "Content-Length: 1", "Content-Length: 2")+"ab", ""),
		bad("a length and chunks", request("POST /req/body", "Content-Length: 5", "Transfer-Encoding: chunked")+"0\r\n\r\n", ""),
		bad("chunks with HTTP/1.0", "POST /req/body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
		{name: "an unknown transfer coding", send: []string{request("POST /req/body", "Transfer-Encoding: gzip")}, want: w(501)},
		{name: "chunked not in small letters", send: []string{request("POST /req/body", "Transfer-Encoding: Chunked") + "2\r\nab\r\n0\r\n\r\n"}, want: w(200)},
		bad("a NUL in a header", "GET /out/hello HTTP/1.1\r\nHost: first.test\r\nX: a\x00b\r\n\r\n", ""),
		{name: "a target of 9,000 bytes", send: []string{"GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"}, want: w(414)},
		{name: "a target of 7,000 bytes", send: []string{"GET /esc/" + strings.Repeat("a", 7000) + " HTTP/1.1\r\nHost: a\r\n\r\n"}, want: w(200)},
		{name: "a header of 9,000 bytes", send: []string{request("GET /out/hello", "X: "+strings.Repeat("a", 9000))}, want: w(400), has: "Too Large"},
		{name: "40 KB of headers", send: []string{request("GET /out/hello", strings.Repeat("X: "+strings.Repeat("a", 3990)+"\r\n", 9)+"Y: 1")}, want: w(400), has: "Too Large"},
		{name: "three headers of 7 KB", send: []string{request("GET /req/headers_max", strings.Repeat("X: "+strings.Repeat("a", 7000)+"\r\n", 3)+"Y: 1")}, want: w(200)},
		{name: "a header with an underscore is not seen", send: []string{request("GET /req/headers", "under_score: 1")}, want: w(200)},
		{name: "header names of all kinds", send: []string{request("GET /req/headers", "x!#$%&'*+.^`|~: 1", "0: 2")}, want: w(200)},
	}
}

func repeat(status, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = status
	}
	return all
}
