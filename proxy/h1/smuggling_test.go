package h1

import (
	"fmt"
	"strings"
	"testing"
)

// serve reads a whole connection as a server would: requests one after the other, bodies between them. The result has
// an item per request: its path and body, or the status it was refused with; then "closed" or "waits".
func serve(data string, parser Parser) []string {
	var out []string
	rest := []byte(data)
	for len(rest) > 0 {
		p := parser
		var r Request
		n, err := p.Parse(&r, rest)
		if err != nil {
			return append(out, fmt.Sprint(WireStatus(err.(*Error).Status)), "closed")
		}
		if n == 0 {
			return append(out, "waits")
		}
		path := r.Path
		if r.Complex {
			if path, err = NormalizePath(nil, r.Path, true); err != nil {
				return append(out, "400", "closed")
			}
		}
		rest = rest[n:]
		var body []byte
		if r.Chunked {
			var c ChunkedReader
			done := false
			for !done {
				payload, used, end, err := c.Decode(rest)
				if err != nil {
					return append(out, "400", "closed")
				}
				body = append(body, payload...)
				rest, done = rest[used:], end
				if !done && len(rest) == 0 {
					return append(out, "waits")
				}
			}
		} else if r.ContentLength > 0 {
			if int64(len(rest)) < r.ContentLength {
				return append(out, "waits")
			}
			body, rest = rest[:r.ContentLength], rest[r.ContentLength:]
		}
		out = append(out, fmt.Sprintf("%s[%s]", path, body))
		if !r.KeepAlive {
			return append(out, "closed")
		}
	}
	return append(out, "waits")
}

// Each case holds a second request, GET /evil, where a reader that sees another framing would find it. It must not be
// answered; where framing is sound, the whole body must be one.
func TestSmuggling(t *testing.T) {
	const (
		post = "POST /p HTTP/1.1\r\nHost: a\r\n"
		evil = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
	)
	tests := []struct {
		name, data string
		want       string // what serve gives, joined
	}{
		{"a length and chunked", post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"chunked and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"two lengths that differ", post + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + evil, "400 closed"},
		{"two lengths that are equal", post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + evil, "400 closed"},
		{"a list of lengths", post + "Content-Length: 0, 40\r\n\r\n" + evil, "400 closed"},
		{"a length with a sign", post + "Content-Length: +0\r\n\r\n" + evil, "400 closed"},
		{"a negative length", post + "Content-Length: -1\r\n\r\n" + evil, "400 closed"},
		{"a length in hexadecimal", post + "Content-Length: 0x28\r\n\r\n" + evil, "400 closed"},
		{"a length with a space inside", post + "Content-Length: 0 0\r\n\r\n" + evil, "400 closed"},
		{"a length behind a TAB", post + "Content-Length:\t0\r\n\r\n" + evil, "400 closed"},
		{"an empty length", post + "Content-Length:\r\n\r\n" + evil, "400 closed"},
		{"a length beyond 63 bits", post + "Content-Length: 9223372036854775808\r\n\r\n" + evil, "400 closed"},
		{"a length that is 0 modulo 2^64", post + "Content-Length: 18446744073709551616\r\n\r\n" + evil, "400 closed"},
		{"two codings in two lines", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"chunked twice in one line", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"a coding before chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"identity", post + "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n" + evil, "501 closed"},
		{"an empty coding", post + "Transfer-Encoding:\r\n\r\n" + evil, "501 closed"},
		{"xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n" + evil, "501 closed"},
		{"chunked in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n" + evil, "501 closed"},
		{"chunked behind a TAB", post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"chunked before a TAB", post + "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"chunked behind a vertical TAB", post + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"chunked with a parameter", post + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n" + evil, "501 closed"},
		{"chunked in HTTP/1.0", "POST /p HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a space before the colon of a coding", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a TAB before the colon of a length", post + "Content-Length\t: 40\r\n\r\n" + evil, "400 closed"},
		{"a space before the name", post + " Content-Length: 40\r\n\r\n" + evil, "400 closed"},
		{"a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a folded value that hides a length", post + "X: y\r\n\tContent-Length: 40\r\n\r\n" + evil, "400 closed"},
		{"a name without a colon", post + "Transfer-Encoding\r\n\r\n" + evil, "400 closed"},
		{"a line of a colon alone", post + ":\r\n\r\n" + evil, "400 closed"},
		{"a NUL in a name", post + "Content-Length\x00: 40\r\n\r\n" + evil, "400 closed"},
		{"a NUL in a value", post + "X: a\x00b\r\n\r\n" + evil, "400 closed"},
		{"a NUL in a length", post + "Content-Length: 0\x00\r\n\r\n" + evil, "400 closed"},
		{"a bare CR in a value", post + "X: y\rContent-Length: 40\r\n\r\n" + evil, "400 closed"},
		{"a bare CR as end of the head", post + "X: y\r\n\r" + evil, "400 closed"},
		{"two CRs before LF", post + "Content-Length: 0\r\r\n\r\n" + evil, "400 closed"},
		{"a bare CR before the request line", "\r" + post + "Content-Length: 0\r\n\r\n" + evil, "400 closed"},
		{"an underscore for the hyphen of a coding: dropped, no body", post + "Transfer_Encoding: chunked\r\n\r\n" + evil, "/p[] /evil[] waits"},
		{"a request with a body in place of a path", "GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\n" + evil, "/p[" + evil + "] waits"},
		{"a sound length", post + "Content-Length: 5\r\n\r\nhello" + evil, "/p[hello] /evil[] waits"},
		{"sound chunks", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n" + evil, "/p[hello0123456789] /evil[] waits"},
		{"LF alone after a chunk's size", post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"LF alone after a chunk's data", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n" + evil, "400 closed"},
		{"LF alone after the last size", post + "Transfer-Encoding: chunked\r\n\r\n0\n\r\n" + evil, "400 closed"},
		{"LF alone at the end of the body", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\n" + evil, "400 closed"},
		{"LF alone within an extension", post + "Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a bare CR within an extension", post + "Transfer-Encoding: chunked\r\n\r\n5;a\rhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"LF alone after a trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n" + evil, "400 closed"},
		{"a space before the size", post + "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a space after the size", post + "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a size with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a size with a sign", post + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a size with an underscore", post + "Transfer-Encoding: chunked\r\n\r\n0_5\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a negative size", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"an empty size", post + "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a size beyond 63 bits", post + "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"more data than the size", post + "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"less data than the size", post + "Transfer-Encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a NUL in an extension", post + "Transfer-Encoding: chunked\r\n\r\n5;\x00\r\nhello\r\n0\r\n\r\n" + evil, "400 closed"},
		{"a trailer without a colon", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nGET /evil HTTP/1.1\r\n\r\n", "400 closed"},
		{"a folded trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n z\r\n\r\n" + evil, "400 closed"},
		{"a length in a trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 40\r\n\r\n" + evil, "/p[] /evil[] waits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(serve(test.data, Parser{}), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			head, _, _ := strings.Cut(test.data, "\r\n\r\n")
			parseBoth(t, Parser{}, head+"\r\n\r\n")
			parseBoth(t, Parser{}, test.data)
		})
	}
}
