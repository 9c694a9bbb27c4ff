package h1

import "testing"

// The head that wrk sends, with one header of its own added.
const wrkHead = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n"

// What a browser sends: 12 headers, a cookie among them.
const browserHead = "GET /products/list?page=2&sort=price HTTP/1.1\r\n" +
	"Host: www.example.com\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Referer: https://www.example.com/products\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n" +
	"Connection: keep-alive\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n" +
	"Sec-Fetch-Dest: document\r\n" +
	"Sec-Fetch-Mode: navigate\r\n" +
	"If-None-Match: \"668d2f1c-4d2\"\r\n\r\n"

func benchmarkParse(b *testing.B, head string) {
	var p Parser
	var r Request
	data := []byte(head)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		p.Reset()
		r.Reset()
		if n, err := p.Parse(&r, data); n != len(data) || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkParseWrk(b *testing.B)     { benchmarkParse(b, wrkHead) }
func BenchmarkParseBrowser(b *testing.B) { benchmarkParse(b, browserHead) }

func BenchmarkReset(b *testing.B) {
	var p Parser
	var r Request
	for b.Loop() {
		p.Reset()
		r.Reset()
	}
}

func BenchmarkNormalizePath(b *testing.B) {
	raw := []byte("/products//list/%7euser/../index.html")
	dst := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = NormalizePath(dst[:0], raw, true)
	}
}

func BenchmarkChunked(b *testing.B) {
	var data []byte
	for range 16 {
		data = AppendChunkHead(data, 1024)
		data = append(data, make([]byte, 1024)...)
		data = append(data, "\r\n"...)
	}
	data = append(data, LastChunk...)
	var c ChunkedReader
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		c.Reset()
		for rest := data; ; {
			_, used, done, err := c.Decode(rest)
			if err != nil {
				b.Fatal(err)
			}
			if done {
				break
			}
			rest = rest[used:]
		}
	}
}

func BenchmarkAppendHeader(b *testing.B) {
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendStatusLine(dst[:0], 200)
		dst = AppendHeader(dst, "Content-Type", "text/plain; charset=utf-8")
		dst = AppendHeader(dst, "X-Request-ID", "0123456789abcdef")
		dst = AppendContentLength(dst, 1234)
	}
}

func BenchmarkAppendDate(b *testing.B) {
	dst := make([]byte, 0, 256)
	for b.Loop() {
		dst = AppendDate(dst[:0], 784111777)
	}
}

func BenchmarkParseResponse(b *testing.B) {
	head := []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\n" +
		"Content-Length: 6\r\nConnection: keep-alive\r\nX-Request-Id: 0123456789abcdef\r\n\r\nhello\n")
	var r Response
	b.ReportAllocs()
	for b.Loop() {
		seen := 0
		if n, err := ParseResponse(&r, head, &seen); n == 0 || err != nil {
			b.Fatal(n, err)
		}
	}
}
