package h1

import (
	"bytes"
	"slices"
	"testing"
)

func TestParseResponse(t *testing.T) {
	type want struct {
		status, headers int
		length          int64
		chunked, keep   bool
	}
	for _, c := range []struct {
		text string
		want want
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello", want{200, 2, 5, false, true}},
		{"HTTP/1.1 404 Not Here\nConnection: close\n\n", want{404, 1, -1, false, false}},
		{"HTTP/1.0 200\r\n\r\n", want{200, 0, -1, false, false}},
		{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length:0\r\n\r\n", want{200, 2, 0, false, true}},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nConnection: x, Close\r\n\r\n", want{200, 2, -1, true, false}},
		{"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", want{101, 2, -1, false, true}},
	} {
		var r Response
		seen := 0
		n, err := ParseResponse(&r, []byte(c.text), &seen)
		got := want{r.Status, len(r.Headers), r.ContentLength, r.Chunked, r.KeepAlive}
		if err != nil || n == 0 || got != c.want {
			t.Errorf("%q: %d %v %+v, want %+v", c.text, n, err, got, c.want)
		}
	}
	for _, text := range []string{
		"hello\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 200 O\x01K\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
	} {
		var r Response
		seen := 0
		if n, err := ParseResponse(&r, []byte(text), &seen); err == nil {
			t.Errorf("%q was taken: %d", text, n)
		}
	}
}

// FuzzParseResponse checks that however the bytes are cut, the outcome is the same, and that views stay inside the head.
func FuzzParseResponse(f *testing.F) {
	for _, s := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.0 404 N\n\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA:b\r\n\r\n0\r\n\r\n", "HTTP/1.1 1",
		"HTTP/1.1 200\r\nA:\r\nB: \t\r\nC:c\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var whole, parts Response
		seen := 0
		n, err := ParseResponse(&whole, data, &seen)
		seen = 0
		m := 0
		var perr error
		for i := 0; i <= len(data) && m == 0 && perr == nil; i++ {
			m, perr = ParseResponse(&parts, data[:i:i], &seen)
		}
		if n != m || (err == nil) != (perr == nil) {
			t.Fatalf("whole %d %v, in parts %d %v", n, err, m, perr)
		}
		if n == 0 {
			return
		}
		if n > len(data) || whole.Status < 100 || whole.Status > 999 || whole.Chunked && whole.ContentLength >= 0 {
			t.Fatalf("%d of %d, %+v", n, len(data), whole)
		}
		// What follows the head must not matter for where its views are.
		more := append(append([]byte(nil), data[:n]...), make([]byte, 5000)...)
		seen = 0
		var moved Response
		if k, err := ParseResponse(&moved, more, &seen); k != n || err != nil {
			t.Fatalf("with more behind it: %d %v, not %d", k, err, n)
		}
		moved.Rebase(append(make([]byte, 0, n), more[:n]...))
		clear(more)
		if !slices.EqualFunc(moved.Headers, whole.Headers, func(a, b ResponseHeader) bool {
			return bytes.Equal(a.Name, b.Name) && bytes.Equal(a.Value, b.Value) && a.Known == b.Known
		}) || !bytes.Equal(moved.StatusText, whole.StatusText) {
			t.Fatalf("moved: %q %q, not %q %q", moved.StatusText, moved.Headers, whole.StatusText, whole.Headers)
		}
		for _, h := range whole.Headers {
			if len(h.Name) == 0 || bytes.ContainsAny(h.Name, " :\r\n") || bytes.ContainsAny(h.Value, "\r\n\x00") || !bytes.Contains(data[:n], h.Name) {
				t.Fatalf("header %q: %q", h.Name, h.Value)
			}
		}
	})
}
