package h1

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// decodePieces decodes data given in pieces of at most size bytes; used is how much of data the body took.
func decodePieces(c *ChunkedReader, data []byte, size int) (body []byte, used int, done bool, err error) {
	for used < len(data) {
		piece := data[used:min(len(data), used+size)]
		for {
			payload, n, end, e := c.Decode(piece)
			if e != nil {
				return body, used, false, e
			}
			body = append(body, payload...)
			used += n
			piece = piece[n:]
			if end {
				return body, used, true, nil
			}
			if len(piece) == 0 {
				break
			}
			if n == 0 {
				panic("Decode used nothing")
			}
		}
	}
	return body, used, false, nil
}

func TestChunkedBodies(t *testing.T) {
	long := strings.Repeat("e", chunkExtensionMax)
	tests := []struct {
		name, data string
		body       string
		ok         bool
	}{
		{"nothing but the end", "0\r\n\r\n", "", true},
		{"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", true},
		{"digits in both cases, leading zeros", "00A\r\n0123456789\r\n0b\r\n0123456789a\r\n000\r\n\r\n", "01234567890123456789a", true},
		{"sixteen digits", "0000000000000001\r\na\r\n0\r\n\r\n", "a", true},
		{"seventeen digits", "00000000000000001\r\na\r\n0\r\n\r\n", "", false},
		{"extensions", "1;a=b;c=\"d e\"\r\nx\r\n0;last\r\n\r\n", "x", true},
		{"spaces before an extension", "1 \t;a\r\nx\r\n0\r\n\r\n", "x", true},
		{"spaces without an extension", "1 \r\nx\r\n0\r\n\r\n", "", false},
		{"the longest extension", "1;" + long + "\r\nx\r\n0\r\n\r\n", "x", true},
		{"one byte more", "1;" + long + "e\r\nx\r\n0\r\n\r\n", "", false},
		{"long extensions again and again", strings.Repeat("1;"+long+"\r\nx\r\n", 9) + "0\r\n\r\n", "xxxxxxxx", false},
		{"spaces again and again", strings.Repeat("1"+strings.Repeat(" ", 1000)+";\r\nx\r\n", 9) + "0\r\n\r\n", "xxxxxxxx", false},
		{"trailers", "0\r\nA: b\r\nC:\r\n\r\n", "", true},
		{"too many trailers", "0\r\n" + strings.Repeat("A: b\r\n", 2000) + "\r\n", "", false},
		{"a trailer with a NUL", "0\r\nA: \x00\r\n\r\n", "", false},
		{"a trailer without a name", "0\r\n: b\r\n\r\n", "", false},
		{"a trailer with a space before the colon", "0\r\nA : b\r\n\r\n", "", false},
		{"sizes that add up beyond 63 bits", "7fffffffffffffff\r\n", "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				var c ChunkedReader
				body, used, _, err := decodePieces(&c, []byte(test.data+""), size)
				if (err == nil) != test.ok || string(body) != test.body {
					t.Errorf("pieces of %d: body %q, used %d, err %v", size, body, used, err)
				}
			}
		})
	}
}

func TestChunkedTotalRunsAhead(t *testing.T) {
	var c ChunkedReader
	if _, used, done, err := c.Decode([]byte("3\r\nabc\r\nFFFF\r\n"[:3])); used != 3 || done || err != nil || c.Total() != 3 {
		t.Errorf("used %d, done %v, err %v, total %d after a size", used, done, err, c.Total())
	}
	decodePieces(&c, []byte("abc\r\nFFFF\r\n"), 1)
	if c.Total() != 3+0xffff {
		t.Errorf("total %d", c.Total())
	}
	// One more chunk would overflow.
	c.Reset()
	c.total = 1<<63 - 1
	if _, _, _, err := c.Decode([]byte("1\r\n")); err != ErrChunked {
		t.Error("sizes that add up beyond 63 bits were taken")
	}
	if _, _, _, err := c.Decode([]byte("0\r\n\r\n")); err != ErrChunked {
		t.Error("the error did not stay")
	}
}

func TestChunkedLeavesTheNextRequest(t *testing.T) {
	data := []byte("1\r\nx\r\n0\r\n\r\nGET /")
	var c ChunkedReader
	body, used, done, err := decodePieces(&c, data, 1<<20)
	if string(body) != "x" || !done || err != nil || string(data[used:]) != "GET /" || !c.Done() {
		t.Errorf("body %q, done %v, err %v, rest %q", body, done, err, data[used:])
	}
}

func TestChunkedWritesWhatItReads(t *testing.T) {
	var wire, plain []byte
	for _, size := range []int{1, 15, 16, 17, 255, 4095, 4096, 70000} {
		chunk := bytes.Repeat([]byte{byte(size)}, size)
		wire = AppendChunkHead(wire, size)
		wire = append(append(wire, chunk...), "\r\n"...)
		plain = append(plain, chunk...)
	}
	wire = append(wire, LastChunk...)
	var c ChunkedReader
	body, used, done, err := decodePieces(&c, wire, 1000)
	if !bytes.Equal(body, plain) || used != len(wire) || !done || err != nil {
		t.Error(len(body), used, done, err)
	}
}

func TestChunkedAllocatesNothing(t *testing.T) {
	data := []byte("5;x\r\nhello\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n")
	var c ChunkedReader
	if allocs := testing.AllocsPerRun(100, func() {
		c.Reset()
		for rest := data; ; {
			_, used, done, err := c.Decode(rest)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				break
			}
			rest = rest[used:]
		}
	}); allocs != 0 {
		t.Error(allocs)
	}
}

func ExampleChunkedReader() {
	var c ChunkedReader
	data := []byte("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n")
	for {
		payload, used, done, err := c.Decode(data)
		if err != nil || done {
			break
		}
		fmt.Print(string(payload))
		data = data[used:]
	}
	// Output: hello, world
}
