package h1

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// parseOnce parses data in one piece.
func parseOnce(p Parser, data string) (r Request, n int, err error) {
	n, err = p.Parse(&r, []byte(data))
	return r, n, err
}

// parseBytewise gives the parser one byte more each time, in new memory each time.
func parseBytewise(p Parser, data string) (r Request, n int, err error) {
	for size := 1; size <= len(data); size++ {
		if n, err = p.Parse(&r, []byte(data[:size])); n != 0 || err != nil {
			return r, n, err
		}
	}
	return r, 0, nil
}

// describe is everything about a parsed head, as text.
func describe(r *Request, n int, err error) string {
	if err != nil {
		e := err.(*Error)
		return fmt.Sprintf("%d %s", e.Status, e.Reason)
	}
	if n == 0 {
		return "incomplete"
	}
	s := fmt.Sprintf("n=%d line=%q method=%q/%v protocol=%q %d.%d uri=%q path=%q args=%q scheme=%q host=%q length=%d chunked=%v keep=%v expect=%v upgrade=%v complex=%v",
		n, r.Line, r.Method, r.MethodID, r.Protocol, r.Major, r.Minor, r.URI, r.Path, r.Args, r.Scheme, r.Host,
		r.ContentLength, r.Chunked, r.KeepAlive, r.Expect100, r.Upgrade, r.Complex)
	for i := range r.Headers {
		h := &r.Headers[i]
		s += fmt.Sprintf(" %q(%v)=%q", h.Name, h.Known, h.Value)
	}
	for _, d := range r.Dropped {
		s += fmt.Sprintf(" dropped %q", d)
	}
	return s
}

// parseBoth parses in one piece and byte by byte and insists on one answer.
func parseBoth(t *testing.T, p Parser, data string) (Request, int, error) {
	t.Helper()
	a, an, aerr := parseOnce(p, data)
	b, bn, berr := parseBytewise(p, data)
	if x, y := describe(&a, an, aerr), describe(&b, bn, berr); x != y {
		t.Fatalf("one piece and single bytes differ for %q\n  whole: %s\n  bytes: %s", data, x, y)
	}
	return a, an, aerr
}

func TestRequestsThatAreUnderstood(t *testing.T) {
	const tail = " HTTP/1.1\r\nHost: a\r\n\r\n"
	tests := []struct {
		name, data string
		parser     Parser
		check      func(r *Request) any
		want       any
	}{
		{name: "the path ends at the question mark", data: "GET /a/b?x=1&y" + tail,
			check: func(r *Request) any { return string(r.Path) + " " + string(r.Args) + " " + string(r.URI) }, want: "/a/b x=1&y /a/b?x=1&y"},
		{name: "an empty query is no query", data: "GET /a?" + tail,
			check: func(r *Request) any { return r.Args == nil && string(r.Path) == "/a" && string(r.URI) == "/a?" }, want: true},
		{name: "a fragment belongs to neither path nor query", data: "GET /a?b#c?d" + tail,
			check: func(r *Request) any { return string(r.Path) + " " + string(r.Args) + " " + string(r.URI) }, want: "/a b /a?b#c?d"},
		{name: "a fragment hides a query behind it", data: "GET /a#b?c" + tail,
			check: func(r *Request) any { return string(r.Path) + " " + string(r.Args) }, want: "/a "},
		{name: "a plain path needs no normalizing", data: "GET /a/b.c/d?x=%41//" + tail,
			check: func(r *Request) any { return r.Complex }, want: false},
		{name: "a double slash needs normalizing", data: "GET /a//b" + tail, check: func(r *Request) any { return r.Complex }, want: true},
		{name: "a segment that begins with a dot needs normalizing", data: "GET /a/./b" + tail, check: func(r *Request) any { return r.Complex }, want: true},
		{name: "an escape needs normalizing", data: "GET /a%41" + tail, check: func(r *Request) any { return r.Complex }, want: true},
		{name: "bytes above 0x7f may stand in a path", data: "GET /\xc3\xa4" + tail, check: func(r *Request) any { return string(r.Path) }, want: "/\xc3\xa4"},
		{name: "spaces around target and version are passed over", data: "GET   /a   HTTP/1.1  \r\nHost: a\r\n\r\n",
			check: func(r *Request) any { return string(r.Path) + string(r.Protocol) }, want: "/aHTTP/1.1"},
		{name: "empty lines before the request are passed over", data: "\r\n\n\r\nGET /a" + tail,
			check: func(r *Request) any { return string(r.Line) }, want: "GET /a HTTP/1.1"},
		{name: "LF alone ends a line", data: "GET /a HTTP/1.1\nHost: b\nX: c\n\n",
			check: func(r *Request) any { return string(r.Host) + string(r.Headers[1].Value) }, want: "bc"},
		{name: "an unknown method is a method", data: "FOO_BAR-X /" + tail,
			check: func(r *Request) any { return fmt.Sprint(string(r.Method), r.MethodID.Bit()) }, want: "FOO_BAR-X1"},
		{name: "methods are told apart", data: "PROPPATCH /" + tail, check: func(r *Request) any { return r.MethodID }, want: MethodPROPPATCH},
		{name: "the host is in lower case, without port and final dot", data: "GET / HTTP/1.1\r\nHost: WWW.Example.COM.:8080\r\n\r\n",
			check: func(r *Request) any { return string(r.Host) + " " + string(r.Get(HeaderHost)) }, want: "www.example.com WWW.Example.COM.:8080"},
		{name: "an IPv6 host keeps its brackets", data: "GET / HTTP/1.1\r\nHost: [FE80::1]:80\r\n\r\n",
			check: func(r *Request) any { return string(r.Host) }, want: "[fe80::1]"},
		{name: "the authority of an absolute target goes before Host", data: "GET http://Uri.example:81/p?q HTTP/1.1\r\nHost: header.example\r\n\r\n",
			check: func(r *Request) any {
				return strings.Join([]string{string(r.Scheme), string(r.Host), string(r.Path), string(r.Args), string(r.URI)}, " ")
			}, want: "http uri.example /p q /p?q"},
		{name: "an absolute target without a path asks for the root", data: "GET http://h HTTP/1.1\r\nHost: a\r\n\r\n",
			check: func(r *Request) any { return string(r.Path) + " " + string(r.URI) }, want: "/ /"},
		{name: "an absolute target may have a query and no path", data: "GET http://h?q=1 HTTP/1.1\r\nHost: a\r\n\r\n",
			check: func(r *Request) any { return string(r.Path) + " " + string(r.Args) + " " + string(r.URI) }, want: "/ q=1 ?q=1"},
		{name: "HTTP/1.0 needs no Host and is not kept alive", data: "GET / HTTP/1.0\r\n\r\n",
			check: func(r *Request) any { return fmt.Sprint(r.KeepAlive, r.Host == nil) }, want: "false true"},
		{name: "HTTP/1.0 is kept alive if it asks", data: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
			check: func(r *Request) any { return r.KeepAlive }, want: true},
		{name: "HTTP/1.1 is kept alive", data: "GET /" + tail, check: func(r *Request) any { return r.KeepAlive }, want: true},
		{name: "close in any Connection header closes", data: "GET / HTTP/1.1\r\nHost: a\r\nConnection: foo , Close\r\nConnection: keep-alive\r\n\r\n",
			check: func(r *Request) any { return r.KeepAlive }, want: false},
		{name: "HTTP/1.7 counts as HTTP/1.1", data: "GET / HTTP/1.7\r\nHost: a\r\n\r\n",
			check: func(r *Request) any { return fmt.Sprint(r.Minor, r.KeepAlive) }, want: "7 true"},
		{name: "HTTP/0.9 has no headers", data: "GET /old\r\n",
			check: func(r *Request) any { return fmt.Sprint(r.Major, r.Minor, r.KeepAlive, string(r.Path)) }, want: "0 9 false/old"},
		{name: "spaces around a value are stripped", data: "GET / HTTP/1.1\r\nHost:   a  \r\nX:\r\nY:  \r\nZ: b  c \r\n\r\n",
			check: func(r *Request) any {
				return fmt.Sprintf("%q %q %q %q", r.Get(HeaderHost), r.Headers[1].Value, r.Headers[2].Value, r.Headers[3].Value)
			}, want: `"a" "" "" "b  c"`},
		{name: "a TAB in a value is part of it", data: "GET / HTTP/1.1\r\nHost: a\r\nX: \tb\tc\r\n\r\n",
			check: func(r *Request) any { return string(r.Headers[1].Value) }, want: "\tb\tc"},
		{name: "names are found in any letter case", data: "GET / HTTP/1.1\r\nhOST: a\r\ncoNTent-LENgth: 5\r\nFoo: bar\r\n\r\n",
			check: func(r *Request) any {
				v, ok := r.Header("FOO")
				return fmt.Sprint(r.ContentLength, string(v), ok, r.HasBody())
			}, want: "5bartrue true"},
		{name: "a name with an underscore is dropped", data: "GET / HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n",
			check: func(r *Request) any { return fmt.Sprintf("%d %q", len(r.Headers), r.Dropped) }, want: `1 ["X_Y: z"]`},
		{name: "a name with an underscore is kept if allowed", data: "GET / HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n", parser: Parser{Underscores: true},
			check: func(r *Request) any { return fmt.Sprint(len(r.Headers), len(r.Dropped)) }, want: "2 0"},
		{name: "an invalid name is kept if invalid ones are not ignored", data: "GET / HTTP/1.1\r\nHost: a\r\nX@Y: z\r\n\r\n", parser: Parser{KeepInvalid: true},
			check: func(r *Request) any { return fmt.Sprint(len(r.Headers), len(r.Dropped)) }, want: "2 0"},
		{name: "a length in a name with an underscore is no length", data: "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n", parser: Parser{Underscores: true},
			check: func(r *Request) any { return r.ContentLength }, want: int64(-1)},
		{name: "chunked in any letter case is chunked", data: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
			check: func(r *Request) any { return fmt.Sprint(r.Chunked, r.ContentLength) }, want: "true -1"},
		{name: "100-continue is seen", data: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n",
			check: func(r *Request) any { return r.Expect100 }, want: true},
		{name: "100-continue means nothing in HTTP/1.0", data: "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
			check: func(r *Request) any { return r.Expect100 }, want: false},
		{name: "an upgrade takes both headers", data: "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
			check: func(r *Request) any { return r.Upgrade }, want: true},
		{name: "an Upgrade header alone is no upgrade", data: "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
			check: func(r *Request) any { return r.Upgrade }, want: false},
		{name: "the largest length fits", data: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n",
			check: func(r *Request) any { return r.ContentLength }, want: int64(9223372036854775807)},
		{name: "the first of several headers of a kind is found", data: "GET / HTTP/1.1\r\nHost: a\r\nCookie: b=1\r\nCookie: c=2\r\n\r\n",
			check: func(r *Request) any { return string(r.Get(HeaderCookie)) + fmt.Sprint(len(r.Headers)) }, want: "b=13"},
		{name: "strict takes an ordinary request", data: wrkHead, parser: Parser{Strict: true},
			check: func(r *Request) any { return len(r.Headers) }, want: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, n, err := parseBoth(t, test.parser, test.data)
			if err != nil || n != len(test.data) {
				t.Fatalf("n = %d of %d, err = %v", n, len(test.data), err)
			}
			if got := test.check(&r); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	strict := Parser{Strict: true}
	tests := []struct {
		name, data string
		parser     Parser
		status     int
		reason     string // how the reason begins
	}{
		{name: "a method in lower case", data: "get / HTTP/1.1\r\n", status: 400, reason: "client sent invalid method"},
		{name: "a TLS greeting", data: "\x16\x03\x01\x02\x00", status: 400, reason: "client sent invalid method"},
		{name: "a space before the method", data: " GET / HTTP/1.1\r\n", status: 400, reason: "client sent invalid method"},
		{name: "a method that ends with the line", data: "GET\r\n", status: 400, reason: "client sent invalid method"},
		{name: "an asterisk as target", data: "OPTIONS * HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a space in the target", data: "GET /a b HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a TAB in the target", data: "GET /a\tb HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a NUL in the target", data: "GET /a\x00 HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a DEL in the query", data: "GET /a?\x7f HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a bare CR in the request line", data: "GET /a\rb HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a scheme without slashes", data: "GET http:a HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "user information in the authority", data: "GET http://a@b/ HTTP/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "an empty authority", data: "GET http:///a HTTP/1.1\r\n", status: 400, reason: "client sent invalid host in request line"},
		{name: "two dots in the authority", data: "GET http://a..b/ HTTP/1.1\r\n", status: 400, reason: "client sent invalid host in request line"},
		{name: "a version in lower case", data: "GET / http/1.1\r\n", status: 400, reason: "client sent invalid request"},
		{name: "version 0.9 spelled out", data: "GET / HTTP/0.9\r\n", status: 400, reason: "client sent invalid request"},
		{name: "version 2.0", data: "GET / HTTP/2.0\r\n", status: 505, reason: "client sent invalid version"},
		{name: "version 12.0", data: "GET / HTTP/12.0\r\n", status: 505, reason: "client sent invalid version"},
		{name: "a version with four digits behind the dot", data: "GET / HTTP/1.1000\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a version without a minor", data: "GET / HTTP/1.\r\n", status: 400, reason: "client sent invalid request"},
		{name: "something behind the version", data: "GET / HTTP/1.1 x\r\n", status: 400, reason: "client sent invalid request"},
		{name: "a method other than GET in HTTP/0.9", data: "POST /\r\n", status: 400, reason: "client sent invalid method in HTTP/0.9 request"},
		{name: "HTTP/1.1 without Host", data: "GET / HTTP/1.1\r\n\r\n", status: 400, reason: `client sent HTTP/1.1 request without "Host" header`},
		{name: "two Hosts", data: "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", status: 400,
			reason: `client sent duplicate host header: "host: b", previous value: "Host: a"`},
		{name: "two equal Hosts", data: "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", status: 400, reason: "client sent duplicate host header"},
		{name: "an empty Host", data: "GET / HTTP/1.1\r\nHost:\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "a Host with a slash", data: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "a Host with user information", data: "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "a Host with a port too large", data: "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "a Host that is all port", data: "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "an open bracket in Host", data: "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", status: 400, reason: "client sent invalid host header"},
		{name: "CONNECT", data: "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", status: 405, reason: "client sent CONNECT method"},
		{name: "TRACE", data: "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", status: 405, reason: "client sent TRACE method"},
		{name: "two If-None-Match", data: "GET / HTTP/1.1\r\nIf-None-Match: a\r\nIf-None-Match: b\r\n\r\n", status: 400, reason: "client sent duplicate header line"},
		{name: "a control character as the first of a name", data: "GET / HTTP/1.1\r\n\x01X: a\r\n\r\n", status: 400, reason: `client sent invalid header line: "\x01..."`},
		{name: "LF alone, if strict", data: "GET / HTTP/1.1\nHost: a\r\n\r\n", parser: strict, status: 400, reason: "client sent line without CR"},
		{name: "LF alone after a header, if strict", data: "GET / HTTP/1.1\r\nHost: a\n\r\n", parser: strict, status: 400, reason: "client sent line without CR"},
		{name: "LF alone at the end of the head, if strict", data: "GET / HTTP/1.1\r\nHost: a\r\n\n", parser: strict, status: 400, reason: "client sent line without CR"},
		{name: "LF alone before the request, if strict", data: "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", parser: strict, status: 400, reason: "client sent line without CR"},
		{name: "two spaces in the request line, if strict", data: "GET  / HTTP/1.1\r\n", parser: strict, status: 400, reason: "client sent invalid request"},
		{name: "a control character in a value, if strict", data: "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", parser: strict, status: 400, reason: "client sent invalid header line"},
		{name: "a DEL in a value, if strict", data: "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", parser: strict, status: 400, reason: "client sent invalid header line"},
		{name: "HTTP/0.9, if strict", data: "GET /\r\n", parser: strict, status: 400, reason: "client sent HTTP/0.9 request"},
		{name: "HTTP/1.2, if strict", data: "GET / HTTP/1.2\r\n", parser: strict, status: 400, reason: "client sent invalid request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, n, err := parseBoth(t, test.parser, test.data)
			e, ok := err.(*Error)
			if !ok {
				t.Fatalf("n = %d, err = %v: not refused", n, err)
			}
			if e.Status != test.status || !strings.HasPrefix(e.Reason, test.reason) {
				t.Errorf("got %d %q, want %d %q", e.Status, e.Reason, test.status, test.reason)
			}
		})
	}
}

func TestLimitsOfAHead(t *testing.T) {
	const request, host = "GET / HTTP/1.1\r\n", "Host: a\r\n"
	line := func(size int) string { return "X: " + strings.Repeat("a", size-5) + "\r\n" }
	target := func(size int) string { return "GET /" + strings.Repeat("a", size-16) + " HTTP/1.1\r\n" }
	tests := []struct {
		name, data string
		parser     Parser
		status     int // 0: taken
	}{
		{name: "a request line of the size of a large buffer", data: target(8192) + host + "\r\n"},
		{name: "a request line one byte longer", data: target(8193) + host + "\r\n", status: 414},
		{name: "a request line that never ends", data: "GET /" + strings.Repeat("a", 9000), status: 414},
		{name: "a method that never ends", data: strings.Repeat("A", 9000), status: 414},
		{name: "a header line of the size of a large buffer", data: request + host + line(8192) + "\r\n"},
		{name: "a header line one byte longer", data: request + host + line(8193) + "\r\n", status: 494},
		{name: "a header line that never ends", data: request + host + "X: " + strings.Repeat("a", 9000), status: 494},
		{name: "four large lines", data: request + host + strings.Repeat(line(8000), 4) + "\r\n"},
		{name: "five large lines", data: request + host + strings.Repeat(line(8000), 5) + "\r\n", status: 494},
		{name: "a line longer than the small buffer when there are no large ones of that size",
			data: request + host + line(200) + "\r\n", parser: Parser{Limits: Limits{HeaderBuffer: 100, LargeBuffers: 1, LargeSize: 100}}, status: 494},
		{name: "the last empty line needs room too", data: request + host + line(8192-1) + line(8192-1) + line(8192-1) + line(8192-1) + "\r\n", status: 494},
		{name: "a thousand headers", data: request + host + strings.Repeat("X: y\r\n", 999) + "\r\n"},
		{name: "a thousand and one", data: request + host + strings.Repeat("X: y\r\n", 1000) + "\r\n", status: 494},
		{name: "dropped lines do not count", data: request + host + strings.Repeat("X_: y\r\n", 1000) + strings.Repeat("X: y\r\n", 999) + "\r\n"},
		{name: "a kilobyte of empty lines before the request", data: strings.Repeat("\r\n", 534) + request + host + "\r\n"},
		{name: "empty lines without end", data: strings.Repeat("\r\n", 5000), status: 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, n, err := parseOnce(test.parser, test.data)
			// Pieces of 97 bytes: single ones would take long here.
			var r2 Request
			var n2 int
			var err2 error
			p := test.parser
			for size := 97; n2 == 0 && err2 == nil; size += 97 {
				n2, err2 = p.Parse(&r2, []byte(test.data[:min(size, len(test.data))]))
				if size >= len(test.data) {
					break
				}
			}
			if x, y := describe(&r, n, err), describe(&r2, n2, err2); x != y {
				t.Fatalf("whole: %.200s\npieces: %.200s", x, y)
			}
			status := 0
			if err != nil {
				status = err.(*Error).Status
			} else if n != len(test.data) {
				t.Fatalf("n = %d of %d", n, len(test.data))
			}
			if status != test.status {
				t.Errorf("status %d, want %d (%v)", status, test.status, err)
			}
		})
	}
}

func TestPipelinedRequestsAreTakenOneByOne(t *testing.T) {
	data := []byte(wrkHead + browserHead + "GET /last HTTP/1.1\r\nHost: a\r\n\r\n")
	var p Parser
	var r Request
	var paths []string
	for len(data) > 0 {
		p.Reset()
		r.Reset()
		n, err := p.Parse(&r, data)
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		paths = append(paths, string(r.Path))
		data = data[n:]
	}
	if got := strings.Join(paths, " "); got != "/hello /products/list /last" {
		t.Error(got)
	}
}

func TestRebaseMovesEveryView(t *testing.T) {
	head := "GET http://Example.com/a?b HTTP/1.1\r\nHost: example.com\r\nCookie: c\r\nX_Y: z\r\nEmpty:\r\n\r\n"
	data := append(make([]byte, 0, 500), head...)
	var p Parser
	var r Request
	n, err := p.Parse(&r, data)
	if err != nil {
		t.Fatal(err)
	}
	before := describe(&r, n, nil)
	own := append([]byte(nil), data[:n]...)
	r.Rebase(own)
	for i := range data {
		data[i] = '!'
	}
	if after := describe(&r, n, nil); after != before {
		t.Errorf("before: %s\n after: %s", before, after)
	}
	own[0] = 'P'
	if string(r.Method) != "PET" {
		t.Errorf("Method is %q: not a view of the copy", r.Method)
	}
}

// TestResetForgetsEverything fills each field by reflection, so that a new field can't be left out of Reset.
func TestResetForgetsEverything(t *testing.T) {
	var r Request
	fill(reflect.ValueOf(&r).Elem())
	r.Reset()
	fresh := Request{ContentLength: -1}
	got := reflect.ValueOf(&r).Elem()
	want := reflect.ValueOf(&fresh).Elem()
	for i := range got.NumField() {
		name := got.Type().Field(i).Name
		g, w := got.Field(i), want.Field(i)
		if name == "Headers" || name == "Dropped" || name == "hostBuf" {
			if g.Len() != 0 || g.Cap() == 0 {
				t.Errorf("%s: length %d, capacity %d; memory should be kept, contents not", name, g.Len(), g.Cap())
			}
			continue
		}
		if fmt.Sprint(g) != fmt.Sprint(w) {
			t.Errorf("%s is %v after Reset, %v in a new Request", name, g, w)
		}
	}
}

// fill sets v, and what it holds, to something that is not zero; unexported fields too.
func fill(v reflect.Value) {
	v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 4))
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	for _, head := range []string{wrkHead, browserHead, strings.ReplaceAll(wrkHead, "127.0.0.1", "Example.COM"),
		"POST /a_b HTTP/1.1\r\nHost: a\r\nX_Y: dropped\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n"} {
		data := []byte(head)
		var p Parser
		var r Request
		run := func() {
			p.Reset()
			r.Reset()
			if n, err := p.Parse(&r, data[:len(data)/2]); n != 0 || err != nil {
				t.Fatal(n, err)
			}
			if n, err := p.Parse(&r, data); n != len(data) || err != nil {
				t.Fatal(n, err)
			}
			r.Rebase(data)
		}
		run()
		if allocs := testing.AllocsPerRun(100, run); allocs != 0 {
			t.Errorf("%v allocations for %.40q", allocs, head)
		}
	}
	// Refusals that an attacker can have for a few bytes cost no memory either.
	bad := []byte("GET / HTTP/1.1\r\n\r\n")
	var p Parser
	var r Request
	if allocs := testing.AllocsPerRun(100, func() {
		p.Reset()
		r.Reset()
		if _, err := p.Parse(&r, bad); err == nil {
			t.Fatal("taken")
		}
	}); allocs != 0 {
		t.Errorf("%v allocations for a refusal", allocs)
	}
}

func TestEveryKnownHeaderIsFound(t *testing.T) {
	for id := HeaderOther + 1; id < headerIDCount; id++ {
		for _, name := range []string{id.String(), strings.ToLower(id.String()), strings.ToUpper(id.String())} {
			if got := HeaderIDOf([]byte(name)); got != id {
				t.Errorf("HeaderIDOf(%q) = %v", name, got)
			}
			data := []byte(name + ": x\r\n\r\npadding beyond the head so that words can be loaded")
			if got, colon := knownHeader(data, 0); got != id || colon != len(name) {
				t.Errorf("knownHeader(%q) = %v at %d", name, got, colon)
			}
			// One byte off is another name, whichever byte and however little it is off.
			for i := range name {
				for bit := range 8 {
					other := []byte(string(data))
					other[i] ^= 1 << bit
					got, _ := knownHeader(other, 0)
					end := bytes.IndexByte(other, ':')
					letter := bit == 5 && name[i] != '-'
					if letter && got != id {
						t.Errorf("%q is not found", other[:len(name)])
					}
					if !letter && got != HeaderOther && got != HeaderIDOf(other[:end]) {
						t.Errorf("%q is taken for %v", other[:len(name)], got)
					}
				}
			}
		}
	}
	if HeaderIDOf([]byte("X")) != HeaderOther || HeaderIDOf([]byte("Hos")) != HeaderOther || HeaderIDOf(nil) != HeaderOther {
		t.Error("a name that isn't known was found")
	}
}
