package h1

import (
	"bytes"
	"testing"
)

func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{wrkHead, browserHead, "GET http://Host:80?q#f HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nPOST //a/%2e HTTP/1.0\nX_Y: z\n\n", "GET /\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"} {
		f.Add([]byte(seed), uint8(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, settings uint8) {
		if len(data) > 4096 {
			return
		}
		p := Parser{Strict: settings&1 != 0, Underscores: settings&2 != 0, KeepInvalid: settings&4 != 0}
		if settings&8 != 0 {
			p.Limits = Limits{HeaderBuffer: 16, LargeBuffers: 2, LargeSize: 64, Headers: 4}
		}
		r, n, err := parseBoth(t, p, string(data))
		if err != nil || n == 0 {
			return
		}
		if n > len(data) {
			t.Fatal("more than there is")
		}
		// What follows the head has no influence.
		r2, n2, err2 := parseOnce(p, string(data[:n]))
		if describe(&r, n, err) != describe(&r2, n2, err2) {
			t.Fatalf("%s\n%s", describe(&r, n, err), describe(&r2, n2, err2))
		}
		if r.Chunked && r.ContentLength >= 0 {
			t.Fatal("two framings")
		}
		for i := range r.Headers {
			if bytes.ContainsAny(r.Headers[i].Value, "\r\n\x00") || bytes.ContainsAny(r.Headers[i].Name, "\r\n\x00 \t:") || len(r.Headers[i].Name) == 0 {
				t.Fatalf("header %q: %q", r.Headers[i].Name, r.Headers[i].Value)
			}
			if got := HeaderIDOf(r.Headers[i].Name); got != r.Headers[i].Known {
				t.Fatalf("%q is %v, not %v", r.Headers[i].Name, got, r.Headers[i].Known)
			}
		}
		if bytes.ContainsAny(r.URI, " \r\n\x00") || len(r.Path) == 0 || r.Path[0] != '/' {
			t.Fatalf("uri %q, path %q", r.URI, r.Path)
		}
		if !r.Complex {
			if path, err := NormalizePath(nil, r.Path, true); err != nil || !bytes.Equal(path, r.Path) {
				t.Fatalf("%q is not complex and becomes %q, %v", r.Path, path, err)
			}
		}
		// A copy of the head serves as well as the original.
		before := describe(&r, n, nil)
		r.Rebase(bytes.Clone(data[:n]))
		if after := describe(&r, n, nil); after != before {
			t.Fatalf("%s\n%s", before, after)
		}
		r.CheckPreconditions([]byte(`"a"`), 1, 0)
		r.CheckRange(nil, []byte(`"a"`), 1, 100, 10)
	})
}

func FuzzChunked(f *testing.F) {
	for _, seed := range []string{"5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nx\r\n0\r\nT: u\r\n\r\nGET /", "FFFFFFFFFFFFFFFF\r\n", "0\r\n:\r\n\r\n", "10 ;\r\n"} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		var whole, pieces, bytewise ChunkedReader
		a, aUsed, aDone, aErr := decodePieces(&whole, data, len(data)+1)
		b, bUsed, bDone, bErr := decodePieces(&pieces, data, 1+int(uint(size)%64))
		c, cUsed, cDone, cErr := decodePieces(&bytewise, data, 1)
		if !bytes.Equal(a, b) || !bytes.Equal(a, c) || aDone != bDone || aDone != cDone || aErr != bErr || aErr != cErr {
			t.Fatalf("%q %v %v / %q %v %v / %q %v %v", a, aDone, aErr, b, bDone, bErr, c, cDone, cErr)
		}
		if aErr == nil && (aUsed != bUsed || aUsed != cUsed || !aDone && aUsed != len(data)) {
			t.Fatalf("used %d, %d, %d of %d", aUsed, bUsed, cUsed, len(data))
		}
		if int64(len(a)) > whole.Total() {
			t.Fatalf("%d bytes, announced %d", len(a), whole.Total())
		}
	})
}

func FuzzNormalizePath(f *testing.F) {
	for _, seed := range []string{"/a/b", "/a/../b", "//a/./%2e%2e/", "/%00", "/a%3F#b", "/..", "/%"} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, merge bool) {
		if len(raw) == 0 || raw[0] != '/' {
			raw = append([]byte("/"), raw...)
		}
		path, err := NormalizePath(nil, raw, merge)
		own := bytes.Clone(raw)
		in, inErr := NormalizePath(own[:0], own, merge)
		if !bytes.Equal(path, in) || err != inErr {
			t.Fatalf("%q: %q, %v; in place %q, %v", raw, path, err, in, inErr)
		}
		if err != nil {
			return
		}
		if len(path) == 0 || path[0] != '/' || len(path) > len(raw) || bytes.IndexByte(path, 0) >= 0 {
			t.Fatalf("%q becomes %q", raw, path)
		}
		// No segment is "." or "..", and slashes are merged if asked for.
		for i, segment := range bytes.Split(path[1:], []byte("/")) {
			if s := string(segment); s == "." || s == ".." {
				t.Fatalf("%q becomes %q", raw, path)
			}
			if merge && len(segment) == 0 && i < bytes.Count(path[1:], []byte("/")) {
				t.Fatalf("%q becomes %q", raw, path)
			}
		}
	})
}

func FuzzUnescape(f *testing.F) {
	for _, seed := range []string{"a+b%20c", "%", "%4", "%zz", "%%41"} {
		f.Add([]byte(seed), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		plain := UnescapeURI(nil, text)
		own := bytes.Clone(text)
		if in := UnescapeURI(own[:0], own); !bytes.Equal(in, plain) || len(plain) > len(text) {
			t.Fatalf("%q: %q, in place %q", text, plain, in)
		}
		escaped := EscapeURI(nil, text, EscapeKind(kind))
		if len(escaped) != EscapedLen(text, EscapeKind(kind)) {
			t.Fatal("EscapedLen")
		}
		if back := UnescapeURI(nil, EscapeURI(nil, text, EscapeComponent)); !bytes.Equal(back, text) {
			t.Fatalf("%q comes back as %q", text, back)
		}
		eachArg(text, int(kind), func(k, v []byte, hasValue bool) bool {
			if len(k) == 0 || !hasValue && v != nil {
				t.Fatalf("%q: %q %q %v", text, k, v, hasValue)
			}
			return true
		})
		if v := ParseDate(text); v < 0 && v != NoTime {
			if year := v / 31556952; year < -2000 {
				t.Fatalf("%q is %d", text, v)
			}
		}
		ParseRange(nil, text, 100, 10)
		ParseRange(nil, append([]byte("bytes="), text...), 100, 10)
		ValidateHost(text)
	})
}
